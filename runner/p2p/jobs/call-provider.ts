import { randomBytes } from "node:crypto";
import type { Sha256 } from "@infernet/schemas/digest";
import { renderHash } from "@infernet/schemas/hash";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type { MicroAmount } from "@infernet/schemas/money";
import { type ClientMessage, ProviderMessage } from "@infernet/schemas/peer/direct-messages";
import { DirectId, type DirectOffer, type SignedOffer, signOffer } from "@infernet/schemas/peer/direct-offer";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { Identity } from "../../identity/identity.ts";
import { RunnerError } from "../../runner-error.ts";
import { hashNative } from "../../work/native-hash.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { type MessageStream, openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { askProvider, type DirectAnswer } from "./ask-provider.ts";
import type { DirectPayer } from "./direct-payer.ts";
import { ProviderRefusal } from "./provider-refusal.ts";

export interface CallOptions {
  identity: Identity;
  provider: RunnerId;
  addresses?: readonly PeerAddress[];
  /** Null or absent: jobs are to be free. */
  payer?: DirectPayer | null;
  now?: () => number;
}

export interface DirectJob {
  model: Sha256;
  manifest: ModelManifest;
  inputs: Tensor[];
  /** The most that it may cost, in micro-units. */
  price_micro_max: MicroAmount;
  /** How long the offer holds. */
  patience_ms?: number;
}

/** An open line to one provider: its streams stay open from job to job. */
export interface ProviderLine {
  readonly provider: RunnerId;
  /** The manifest that a digest names. Rejects with `PeerFault` `wrong` when the provider sends another. */
  manifest(model: Sha256, signal: AbortSignal): Promise<ModelManifest>;
  /** A signed offer for a job, to be kept by whoever wants to ask for it again. Throws RunnerError `input_unusable` for one that is not small. */
  offer(job: DirectJob): Promise<SignedOffer>;
  /**
   * Has the job of an offer done: again on a new stream where one breaks, and never twice. Rejects with `ProviderRefusal` and
   * `PeerFault`.
   */
  ask(signed: SignedOffer, job: DirectJob, signal: AbortSignal): Promise<DirectAnswer>;
  close(): Promise<void>;
}

export function callProvider(node: PeerNode, options: CallOptions): ProviderLine {
  const { identity, provider, addresses = [], payer = null, now = Date.now } = options;
  const idle: MessageStream[] = [];
  let isClosed = false;

  async function open(signal: AbortSignal): Promise<MessageStream> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]);
    return openMessages(await node.open(provider, PROTOCOLS.job, { addresses, signal: limit }));
  }

  /** `use` on a stream that stands open, or a new one; it stays open when `use` leaves it so that another can follow. */
  async function onStream<T>(signal: AbortSignal, use: (messages: MessageStream) => Promise<T>): Promise<T> {
    const messages = idle.pop() ?? (await open(signal));
    const abort = (): void => messages.abort(new PeerFault("gone", "nobody waits for the answer any more"));
    signal.addEventListener("abort", abort, { once: true });
    try {
      const got = await use(messages);
      await putBack(messages);
      return got;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ProviderRefusal) await putBack(messages);
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async function putBack(messages: MessageStream): Promise<void> {
    if (isClosed || idle.length >= LIMITS.direct_streams_max) await messages.close();
    else idle.push(messages);
  }

  /** What is asked here may be asked again: a stream that breaks says nothing of the job. */
  async function persist<T>(signal: AbortSignal, use: (messages: MessageStream) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await onStream(signal, use);
      } catch (error) {
        const isGone = error instanceof PeerFault && error.kind === "gone";
        if (!isGone || attempt >= LIMITS.direct_attempts_max) throw error;
        // The others on that connection have gone with it.
        idle.length = 0;
      }
    }
  }

  return {
    provider,
    manifest: (model, signal) =>
      persist(signal, async (messages) => {
        await messages.send({ type: "manifest", model } satisfies ClientMessage);
        const answer = await messages.receive(ProviderMessage);
        if (answer.type === "refused") throw new ProviderRefusal(answer);
        if (answer.type !== "manifest" || (await manifestDigest(answer.manifest)) !== model)
          throw new PeerFault("wrong", `the provider sent something else than the manifest of ${model}`);
        return answer.manifest;
      }),
    offer: async ({ model, inputs, price_micro_max, patience_ms = LIMITS.direct_offer_ms_default }) => {
      const bytes = encodeTensors(inputs);
      const rows = inputs[0] === undefined ? 0 : rowCount(inputs[0]);
      assertSmall(rows, bytes.length);
      const issued_ms = now();
      const offer: DirectOffer = {
        type: "infernet.direct-offer.v1",
        id: createDirectId(issued_ms),
        client: identity.id,
        provider,
        model,
        rows,
        inputs: { sha256: renderHash(hashNative(bytes)), bytes: bytes.length },
        payment: payer?.terms ?? { kind: "free" },
        price_micro_max,
        issued_ms,
        deadline_ms: issued_ms + patience_ms,
      };
      return signOffer(offer, identity.sign);
    },
    ask: async (signed, { manifest, inputs }, signal) => {
      try {
        return await persist(signal, (messages) =>
          askProvider(messages, { signed, manifest, inputs }, identity, payer, now),
        );
      } catch (error) {
        if (error instanceof ProviderRefusal && !error.retryable) await payer?.cancel(signed.offer.id);
        throw error;
      }
    },
    close: async () => {
      isClosed = true;
      await Promise.all(idle.splice(0).map((messages) => messages.close()));
    },
  };
}

function assertSmall(rows: number, bytes: number): void {
  const { direct_rows_max, direct_bytes_max } = LIMITS;
  if (rows >= 1 && rows <= direct_rows_max && bytes <= direct_bytes_max) return;
  throw new RunnerError(
    "input_unusable",
    `the input has ${rows} rows and ${bytes} bytes; a direct job has 1 to ${direct_rows_max} rows and at most ${direct_bytes_max} bytes: cut it into several, or send it through an edge`,
  );
}

/** A UUIDv7 (RFC 9562 section 5.7) without hyphens. */
function createDirectId(now_ms: number): DirectId {
  const random = randomBytes(10);
  random[0] = ((random[0] as number) & 0x0f) | 0x70;
  random[2] = ((random[2] as number) & 0x3f) | 0x80;
  return DirectId.parse(now_ms.toString(16).padStart(12, "0") + random.toString("hex"));
}
