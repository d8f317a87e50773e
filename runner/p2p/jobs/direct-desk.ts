import { join } from "node:path";
import { quoteDirect } from "@infernet/protocol/peers/direct-price";
import { assertOffer, type DirectLoad, type DirectPolicy } from "@infernet/protocol/peers/direct-rules";
import { encodeBinary } from "@infernet/schemas/binary";
import { renderSignature, type Signature } from "@infernet/schemas/commitment";
import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import { InfernetError } from "@infernet/schemas/errors";
import { renderHash } from "@infernet/schemas/hash";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Micro, renderMicro } from "@infernet/schemas/money";
import type { OfferAccepted, ResultSent } from "@infernet/schemas/peer/direct-messages";
import type { DirectOffer, SignedOffer } from "@infernet/schemas/peer/direct-offer";
import { type DirectReceipt, receiptBytes } from "@infernet/schemas/peer/direct-receipt";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";
import type { Availability } from "@infernet/schemas/peer/peer-record";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertInputs, assertTensorBytes } from "@infernet/schemas/tensor-check";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { hashNative } from "../../work/native-hash.ts";
import { renderFailure } from "../../work/shard-failure.ts";
import { keyOf, OfferBook } from "./offer-book.ts";
import { openReceiptFile, type ReceiptFile } from "./receipt-file.ts";
import { type RunOfferDeps, runOffer } from "./run-offer.ts";
import type { Reservation, VoucherDesk } from "./voucher-desk.ts";

export interface DirectDeskDeps extends RunOfferDeps {
  /** Folder of what is kept of direct jobs. */
  dir: string;
  policy: DirectPolicy;
  /** What it asks for an hour of a reference core, in micro-units. */
  micro_per_core_hour: bigint;
  availability(): Availability;
  /** Of a model that is here, or that this runner can get. Rejects when there is none. */
  manifestOf(model: Sha256): Promise<ModelManifest>;
  /** Takes vouchers; null where none are taken. */
  vouchers: VoucherDesk | null;
  /** A job is done and kept. */
  onDone(receipt: DirectReceipt): void;
}

/** One stream of one client. */
export interface DirectVisitor {
  readonly from: RunnerId;
}

interface OpenJob {
  signed: SignedOffer;
  manifest: ModelManifest;
  price: Micro;
  reservation: Reservation | null;
  accepted_ms: number;
  expires_ms: number;
  /** Whose stream it was last asked on. */
  visitor: DirectVisitor;
  /** There once its rows have come. */
  result: Promise<ResultSent> | null;
}

/**
 * A provider's side of direct jobs, whatever carries the messages. What it has answered is on disk before it leaves; what
 * it has only accepted is in memory, and a client asks for it again.
 */
export class DirectDesk {
  readonly #deps: DirectDeskDeps;
  readonly #book: OfferBook;
  readonly #receipts: ReceiptFile;
  readonly #open = new Map<string, OpenJob>();

  private constructor(deps: DirectDeskDeps, book: OfferBook, receipts: ReceiptFile) {
    this.#deps = deps;
    this.#book = book;
    this.#receipts = receipts;
  }

  static async open(deps: DirectDeskDeps): Promise<DirectDesk> {
    const book = await OfferBook.open(join(deps.dir, "jobs"), deps.now);
    // A process that died between the two: the job's answer was kept, and not yet what it was paid by.
    for (const { signed, voucher, price } of book.jobs)
      if (voucher !== null) await deps.vouchers?.restore(signed.offer.id, voucher, price);
    return new DirectDesk(deps, book, await openReceiptFile(join(deps.dir, "receipts")));
  }

  /** Throws DirectRefused `not_taking`, `not_allowed` and `model_unknown`. */
  async manifest({ from }: DirectVisitor, model: Sha256): Promise<ModelManifest> {
    const { payments, allow } = this.#deps.policy;
    if (payments.length === 0) throw new DirectRefused("not_taking", "this provider takes no direct jobs");
    if (allow !== null && !allow.includes(from))
      throw new DirectRefused("not_allowed", `${from} is not among those who may ask this provider`);
    return this.#manifestOf(model);
  }

  /** Accepts an offer, or repeats the answer to one that was done before. Throws DirectRefused. */
  async offer(visitor: DirectVisitor, signed: SignedOffer): Promise<OfferAccepted | ResultSent> {
    const { identity, policy, now } = this.#deps;
    await this.#forgetLate();
    const { offer } = signed;
    const assertTaken = (): void =>
      assertOffer(offer, visitor.from, identity.id, policy, this.#loadOf(offer.client), now());
    if (offer.client !== visitor.from) assertTaken();
    const again = this.#findAgain(visitor, signed);
    if (again !== null) return again;
    assertTaken();
    const manifest = await this.#manifestOf(offer.model);
    const price = this.#quote(offer, manifest);
    const reservation = await this.#reserve(offer, price);
    // Others may have come while these were asked; from here on nothing is waited for.
    const meanwhile = this.#findAgain(visitor, signed);
    if (meanwhile !== null) {
      reservation?.free();
      return meanwhile;
    }
    try {
      assertTaken();
    } catch (error) {
      reservation?.free();
      throw error;
    }
    const accepted_ms = now();
    const expires_ms = Math.min(offer.deadline_ms, accepted_ms + LIMITS.direct_inputs_ms_max);
    const job = { signed, manifest, price, reservation, accepted_ms, expires_ms, visitor, result: null };
    this.#open.set(keyOf(offer), job);
    return acceptanceOf(job);
  }

  /**
   * Computes the rows of an accepted offer. Resolves when what they came to is on disk. Throws DirectRefused.
   *
   * @param rows tensors as `encodeTensors` writes them
   */
  async inputs(
    visitor: DirectVisitor,
    id: DirectOffer["id"],
    rows: Bytes,
    voucher: string | null,
  ): Promise<ResultSent> {
    const key = keyOf({ client: visitor.from, id });
    const job = this.#open.get(key);
    if (job === undefined) throw new DirectRefused("expired", `there is no accepted offer ${id}`);
    job.result ??= this.#work(job, rows, voucher).finally(() => {
      job.reservation?.free();
      this.#open.delete(key);
    });
    return job.result;
  }

  /**
   * Keeps the client's word that an answer is what was promised, once. Throws DirectRefused `offer_invalid` when it is not that.
   *
   * @param answer what went out to this client
   */
  async receipt({ from }: DirectVisitor, answer: ResultSent, client_signature: Signature): Promise<void> {
    const { receipt, signature: provider_signature } = answer;
    const { offer } = receipt;
    if (!(await isSignedByRunner(from, receiptBytes(receipt), client_signature)))
      throw new DirectRefused("offer_invalid", `the client did not sign the receipt of ${offer.id}`);
    const done = this.#book.find(offer);
    if (done === null || done.hasReceipt) return;
    done.hasReceipt = true;
    await this.#receipts.add({ object: "direct_receipt", receipt, provider_signature, client_signature });
  }

  /** The stream has gone: what was accepted on it and not begun is free again. */
  leave(visitor: DirectVisitor): void {
    for (const [key, job] of this.#open)
      if (job.visitor === visitor && job.result === null) this.#forget(key, job);
  }

  /** The answer to an offer that is known; null when it is new. Throws DirectRefused `offer_changed`. */
  #findAgain(
    visitor: DirectVisitor,
    { offer, digest }: SignedOffer,
  ): Promise<OfferAccepted | ResultSent> | null {
    const open = this.#open.get(keyOf(offer));
    const done = this.#book.find(offer);
    const known = open?.signed ?? done?.signed;
    if (known === undefined) return null;
    if (known.digest !== digest)
      throw new DirectRefused("offer_changed", `the id ${offer.id} names another offer of this client`);
    if (open !== undefined) {
      open.visitor = visitor;
      return open.result ?? Promise.resolve(acceptanceOf(open));
    }
    return this.#readDone(offer);
  }

  async #readDone(offer: DirectOffer): Promise<ResultSent> {
    const done = this.#book.find(offer);
    const result = done === null ? null : await this.#book.read(done);
    if (result !== null) return result;
    throw new DirectRefused("result_gone", `the offer ${offer.id} was done, and its result is gone`);
  }

  async #work(job: OpenJob, rows: Bytes, voucher: string | null): Promise<ResultSent> {
    const { signed, manifest, price, reservation, accepted_ms } = job;
    const { offer } = signed;
    const { now, identity, onDone } = this.#deps;
    const tensors = readPromised(offer, manifest, rows);
    const taken = reservation === null ? null : await reservation.take(voucher);
    const left_ms = offer.deadline_ms - now();
    if (left_ms <= 0) throw new DirectRefused("expired", `the deadline was ${-left_ms} ms ago`);
    const run = await runOffer(this.#deps, offer, manifest, tensors, AbortSignal.timeout(left_ms)).catch(
      (error: unknown) => {
        throw refusalOf(error, offer);
      },
    );
    const { root, leaf_rows, signature: commitment } = run.commitment;
    const finished_ms = now();
    if (finished_ms > offer.deadline_ms) throw new DirectRefused("expired", "the deadline passed meanwhile");
    const receipt: DirectReceipt = {
      type: "infernet.direct-receipt.v1",
      offer,
      offer_signature: signed.signature,
      execution_class: run.execution_class,
      compute_ms: run.compute_ms,
      root,
      leaf_rows,
      commitment,
      price_micro: renderMicro(price),
      paid: taken?.paid ?? { kind: "free" },
      accepted_ms,
      finished_ms,
    };
    const signature = renderSignature(identity.sign(receiptBytes(receipt)));
    const result: ResultSent = {
      type: "result",
      offer: offer.id,
      tensors: [...run.outputs],
      receipt,
      signature,
    };
    await this.#book.keep(signed, encodeBinary(result), taken?.text ?? null, price);
    await taken?.keep();
    onDone(receipt);
    return result;
  }

  #quote({ rows, payment, price_micro_max }: DirectOffer, { row_cost_us }: ModelManifest): Micro {
    const rate = payment.kind === "free" ? 0n : this.#deps.micro_per_core_hour;
    const price = quoteDirect(rows, row_cost_us, rate);
    if (price <= BigInt(price_micro_max)) return price;
    throw new DirectRefused(
      "price_too_low",
      `the offer pays at most ${price_micro_max} micro-units; ${rows} rows cost ${price} here`,
      renderMicro(price),
    );
  }

  async #reserve({ id, payment }: DirectOffer, price: Micro): Promise<Reservation | null> {
    if (payment.kind === "free") return null;
    const { vouchers } = this.#deps;
    if (vouchers === null) throw new DirectRefused("payment_kind", "this provider reads no chain");
    return vouchers.reserve(id, payment.escrow, price);
  }

  async #manifestOf(model: Sha256): Promise<ModelManifest> {
    try {
      return await this.#deps.manifestOf(model);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new DirectRefused("model_unknown", `the model ${model} cannot be had here: ${why}`);
    }
  }

  #loadOf(client: RunnerId): DirectLoad {
    const open = [...this.#open.values()];
    const open_of_client = open.filter(({ signed }) => signed.offer.client === client).length;
    return {
      availability: this.#deps.availability(),
      open: open.length,
      open_of_client,
      kept: this.#book.size + open.length,
      kept_of_client: this.#book.sizeOf(client) + open_of_client,
    };
  }

  async #forgetLate(): Promise<void> {
    const now_ms = this.#deps.now();
    for (const [key, job] of this.#open)
      if (job.result === null && job.expires_ms <= now_ms) this.#forget(key, job);
    await this.#book.prune();
  }

  #forget(key: string, { reservation }: OpenJob): void {
    reservation?.free();
    this.#open.delete(key);
  }
}

const acceptanceOf = ({ signed, price, expires_ms, reservation }: OpenJob): OfferAccepted => ({
  type: "accepted",
  offer: signed.offer.id,
  price_micro: renderMicro(price),
  expires_ms,
  limit_micro_min: reservation === null ? null : reservation.limit_min,
});

/** The rows, when they are those that the offer names and the model takes. */
function readPromised({ inputs, rows }: DirectOffer, manifest: ModelManifest, bytes: Bytes): Tensor[] {
  if (bytes.length !== inputs.bytes || renderHash(hashNative(bytes)) !== inputs.sha256)
    throw new DirectRefused("inputs_invalid", "the rows are not those whose sha256 the offer names");
  try {
    const tensors = decodeTensors(bytes);
    for (const tensor of tensors) assertTensorBytes(tensor);
    const came = assertInputs(tensors, manifest.inputs, "/tensors");
    if (came === rows) return tensors;
    throw new DirectRefused("inputs_invalid", `the offer is for ${rows} rows, and ${came} came`);
  } catch (error) {
    if (error instanceof InfernetError) throw new DirectRefused("inputs_invalid", error.message);
    throw error;
  }
}

function refusalOf(error: unknown, { deadline_ms }: DirectOffer): DirectRefused {
  if (error instanceof DirectRefused) return error;
  if (error instanceof DOMException && error.name === "TimeoutError")
    return new DirectRefused(
      "expired",
      `it was not done by its deadline, ${new Date(deadline_ms).toISOString()}`,
    );
  const { code, detail } = renderFailure(error, false);
  return new DirectRefused("failed", `${code}: ${detail}`);
}
