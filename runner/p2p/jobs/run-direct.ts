import { join } from "node:path";
import { orderCandidates } from "@infernet/protocol/peers/direct-candidates";
import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { MicroAmount } from "@infernet/schemas/money";
import type { PeerAddress, PeerRecord } from "@infernet/schemas/peer/peer-record";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Identity } from "../../identity/identity.ts";
import { RunnerError } from "../../runner-error.ts";
import { writeJson } from "../../write-json.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { DirectAnswer } from "./ask-provider.ts";
import { callProvider, type ProviderLine } from "./call-provider.ts";
import type { DirectPayer } from "./direct-payer.ts";
import { PendingOffers } from "./pending-offers.ts";
import { ProviderRefusal } from "./provider-refusal.ts";

export interface DirectTarget {
  provider: RunnerId;
  addresses: readonly PeerAddress[];
}

export interface RunDirectDeps {
  node: PeerNode;
  identity: Identity;
  /** Folder of offers without an answer, and of receipts. */
  dir: string;
  /** Records of peers that have a model, as they are found. */
  find(model: Sha256, signal: AbortSignal): AsyncIterable<{ record: PeerRecord }>;
  /** Null: jobs are to be free. */
  payer: DirectPayer | null;
  now(): number;
}

export interface DirectRequest {
  model: Sha256;
  /** Null where the provider is to be asked for it. */
  manifest: ModelManifest | null;
  inputsOf(manifest: ModelManifest): Tensor[];
  price_micro_max: MicroAmount;
  patience_ms: number;
  /** Null: whoever is found to have the model. */
  target: DirectTarget | null;
}

/** What a person sees meanwhile. */
export type DirectStage =
  | { at: "finding" }
  | { at: "asking"; provider: RunnerId }
  | { at: "next"; provider: RunnerId; why: string };

export interface DirectOutcome extends DirectAnswer {
  provider: RunnerId;
  manifest: ModelManifest;
  /** Where the receipt lies. */
  receipt_path: string;
}

/** Peers that were found before this much time has passed since the first are compared with it. */
const COMPARED_MS = 200;

/**
 * Has a small job done by a peer: the one that is named, or of those that are found the best that answers. Rejects with
 * `ProviderRefusal` and `PeerFault` of the one that is named, and with RunnerError `provider_missing` where nobody was found or
 * nobody would.
 */
export async function runDirect(
  deps: RunDirectDeps,
  request: DirectRequest,
  signal: AbortSignal,
  onStage: (stage: DirectStage) => void = () => undefined,
): Promise<DirectOutcome> {
  const { node, identity, payer, now } = deps;
  const askOne = async ({ provider, addresses }: DirectTarget): Promise<DirectOutcome> => {
    onStage({ at: "asking", provider });
    const line = callProvider(node, { identity, provider, addresses, payer, now });
    try {
      return await askLine(deps, line, request, signal);
    } finally {
      await line.close();
    }
  };
  if (request.target !== null) return askOne(request.target);

  onStage({ at: "finding" });
  const refusals: string[] = [];
  for (const { runner: provider, addresses } of await findCandidates(deps, request, signal)) {
    try {
      return await askOne({ provider, addresses });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ProviderRefusal || error instanceof PeerFault)) throw error;
      refusals.push(`${provider}: ${error.message}`);
      onStage({ at: "next", provider, why: error.message });
    }
  }
  throw new RunnerError("provider_missing", explainNobody(request.model, refusals));
}

async function findCandidates(
  { find, payer }: RunDirectDeps,
  { model }: DirectRequest,
  signal: AbortSignal,
): Promise<PeerRecord[]> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]);
  const records: PeerRecord[] = [];
  const payment = payer === null ? "free" : payer.terms.kind;
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const { record } of find(model, either)) {
      records.push(record);
      if (orderCandidates(records, model, payment).length > 0)
        timer ??= setTimeout(() => enough.abort(), COMPARED_MS);
    }
  } catch (error) {
    if (!either.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  return orderCandidates(records, model, payment);
}

/** Over a line that stands already. */
export async function askLine(
  { dir, now }: Pick<RunDirectDeps, "dir" | "now">,
  line: ProviderLine,
  request: Omit<DirectRequest, "target">,
  signal: AbortSignal,
): Promise<DirectOutcome> {
  const { model, inputsOf, price_micro_max, patience_ms } = request;
  const manifest = request.manifest ?? (await line.manifest(model, signal));
  const job = { model, manifest, inputs: inputsOf(manifest), price_micro_max, patience_ms };
  const pending = new PendingOffers(join(dir, "pending"), now);
  const signed = await pending.findOrKeep(await line.offer(job));
  let answer: DirectAnswer;
  try {
    answer = await line.ask(signed, job, signal);
  } catch (error) {
    if (error instanceof ProviderRefusal && !error.retryable) await pending.forget(signed);
    throw error;
  }
  const receipt_path = join(dir, "receipts", `${signed.offer.id}.json`);
  await writeJson(receipt_path, answer.receipt);
  await pending.forget(signed);
  return { ...answer, provider: line.provider, manifest, receipt_path };
}

function explainNobody(model: Sha256, refusals: readonly string[]): string {
  const which = model.slice(0, 12);
  if (refusals.length === 0) return `no peer was found that takes direct jobs on the model ${which}`;
  return `none of ${refusals.length} peers took the job on the model ${which}: ${refusals.join("; ")}`;
}
