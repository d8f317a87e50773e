import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { rememberedUntil } from "@infernet/protocol/peers/direct-rules";
import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import type { Bytes } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { MicroAmount } from "@infernet/schemas/money";
import { ResultSent } from "@infernet/schemas/peer/direct-messages";
import { type DirectOffer, readOffer, type SignedOffer } from "@infernet/schemas/peer/direct-offer";
import { z } from "zod";
import { UNFINISHED, writeDurably } from "./write-durably.ts";

/** What is kept of a job that was done. */
const KeptJob = z.strictObject({
  /** The signed offer. */
  offer: z.instanceof(Uint8Array),
  /** The message that answered it; empty once that took too much room. */
  result: z.instanceof(Uint8Array),
  /** What it was paid by. */
  voucher: z.string().nullable(),
  price_micro: MicroAmount,
});

export interface DoneJob {
  signed: SignedOffer;
  voucher: string | null;
  price: bigint;
  until_ms: number;
  path: string;
  /** Of the result, on disk; 0 once it is gone. */
  bytes: number;
  /** Whether this process has kept the client's receipt. */
  hasReceipt: boolean;
}

/**
 * Direct jobs that were done, on disk, for as long as their offers could be sent again: whoever asks again gets the very answer that
 * was signed, also after this process was killed, and nothing is computed, signed or paid twice.
 */
export class OfferBook {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #results_bytes_max: number;
  /** In the order in which they were done. */
  readonly #jobs = new Map<string, DoneJob>();

  private constructor(dir: string, now: () => number, results_bytes_max: number) {
    this.#dir = dir;
    this.#now = now;
    this.#results_bytes_max = results_bytes_max;
  }

  /** Reads what the last process has left, and removes what cannot be read or is over. */
  static async open(
    dir: string,
    now: () => number,
    results_bytes_max: number = LIMITS.direct_results_bytes_max,
  ): Promise<OfferBook> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const book = new OfferBook(dir, now, results_bytes_max);
    for (const name of await readdir(dir)) {
      const path = join(dir, name);
      // What was being written when the last process died has not gone out: its client asks again.
      const kept = name.endsWith(UNFINISHED) ? null : await readKept(path);
      const signed = kept === null ? null : await readOffer(kept.offer);
      if (kept === null || signed === null) await rm(path, { force: true });
      else book.#add(signed, kept.voucher, BigInt(kept.price_micro), kept.result.length);
    }
    await book.prune();
    return book;
  }

  get jobs(): Iterable<DoneJob> {
    return this.#jobs.values();
  }

  get size(): number {
    return this.#jobs.size;
  }

  sizeOf(client: RunnerId): number {
    let size = 0;
    for (const { signed } of this.#jobs.values()) if (signed.offer.client === client) size += 1;
    return size;
  }

  find(offer: Pick<DirectOffer, "client" | "id">): DoneJob | null {
    return this.#jobs.get(keyOf(offer)) ?? null;
  }

  /** The message that answered a job; null when it is no longer kept. */
  async read(job: DoneJob): Promise<ResultSent | null> {
    if (job.bytes === 0) return null;
    const kept = await readKept(job.path);
    if (kept === null || kept.result.length === 0) return null;
    return ResultSent.parse(decodeBinary(kept.result));
  }

  /** On disk when this resolves: only then may the answer leave. */
  async keep(signed: SignedOffer, result: Bytes, voucher: string | null, price: bigint): Promise<void> {
    await this.#write(this.#add(signed, voucher, price, result.length), result);
  }

  /** Forgets offers that nobody can send any more, and the oldest results where they take too much room. */
  async prune(): Promise<void> {
    const now_ms = this.#now();
    for (const [key, job] of this.#jobs) {
      if (job.until_ms > now_ms) continue;
      this.#jobs.delete(key);
      await rm(job.path, { force: true });
    }
    let bytes = 0;
    for (const job of [...this.#jobs.values()].reverse()) {
      bytes += job.bytes;
      if (job.bytes === 0 || bytes <= this.#results_bytes_max) continue;
      bytes -= job.bytes;
      job.bytes = 0;
      await this.#write(job, new Uint8Array());
    }
  }

  #add(signed: SignedOffer, voucher: string | null, price: bigint, bytes: number): DoneJob {
    const key = keyOf(signed.offer);
    const path = join(this.#dir, key);
    const job = {
      signed,
      voucher,
      price,
      until_ms: rememberedUntil(signed.offer),
      path,
      bytes,
      hasReceipt: false,
    };
    this.#jobs.set(key, job);
    return job;
  }

  #write({ path, signed, voucher, price }: DoneJob, result: Bytes): Promise<void> {
    const kept = { offer: signed.bytes, result, voucher, price_micro: price.toString() };
    return writeDurably(path, encodeBinary(kept));
  }
}

/** One client's names say nothing about another's. */
export const keyOf = ({ client, id }: Pick<DirectOffer, "client" | "id">): string => `${client}-${id}`;

async function readKept(path: string): Promise<z.infer<typeof KeptJob> | null> {
  try {
    return KeptJob.parse(decodeBinary(new Uint8Array(await readFile(path))));
  } catch {
    return null;
  }
}
