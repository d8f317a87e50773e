import { LIMITS } from "@infernet/schemas/limits";
import type {
  ShardResult,
  Submission,
  SubmissionReceipt,
  SubmissionResponse,
} from "@infernet/schemas/runner";
import { EdgeRefusal } from "../transport/edge-error.ts";
import { decideFlush, type FlushSituation, type WaitingResult } from "./decide-flush.ts";

export interface OutboxOptions {
  submit(submission: Submission): Promise<SubmissionResponse>;
  onReceipts(receipts: SubmissionReceipt[]): void;
  /** What the runner is doing. */
  situation(): Pick<FlushSituation, "jobs_at_work" | "isDraining">;
}

interface Parcel extends WaitingResult {
  result: ShardResult;
}

/**
 * Results on their way to the edge: one submission at a time, and each takes all that wait when `decideFlush` says so. A
 * result stays until the edge has said what became of it.
 */
export interface Outbox {
  add(result: ShardResult, lease_left_ms: number): void;
  /** To be called when the situation has changed by more than a result. */
  review(): void;
  readonly size: number;
}

export function createOutbox({ submit, onReceipts, situation }: OutboxOptions): Outbox {
  const waiting: Parcel[] = [];
  let sending: ShardResult[] = [];
  let timer: NodeJS.Timeout | undefined;

  function review(): void {
    clearTimeout(timer);
    if (waiting.length === 0 || sending.length > 0) return;
    const wait_ms = decideFlush({ ...situation(), waiting, now_ms: performance.now() });
    // Only an aborted submission rejects: the runner is stopping, and what is left stays counted.
    if (wait_ms === 0) flush().catch(() => undefined);
    else timer = setTimeout(review, wait_ms).unref();
  }

  async function flush(): Promise<void> {
    sending = waiting.splice(0, countThatFit(waiting)).map(({ result }) => result);
    const receipts = await send(sending);
    sending = [];
    onReceipts(receipts);
    review();
  }

  async function send(results: ShardResult[]): Promise<SubmissionReceipt[]> {
    try {
      const { receipts } = await submit({ results });
      return results.map((result) => receiptOf(result, receipts));
    } catch (error) {
      if (!(error instanceof EdgeRefusal)) throw error;
      // One result that the edge cannot take must not hold back the others.
      if (results.length > 1) {
        const each: SubmissionReceipt[] = [];
        for (const result of results) each.push(...(await send([result])));
        return each;
      }
      return results.map(({ lease_id }) => refused(lease_id, error.code, error.message));
    }
  }

  return {
    get size() {
      return waiting.length + sending.length;
    },
    add: (result, lease_left_ms) => {
      const finished_ms = performance.now();
      waiting.push({ result, inline_bytes: inlineBytes(result), finished_ms, lease_left_ms });
      review();
    },
    review,
  };
}

/** How many of the results one submission holds: all, or as many as keep its tensors within the limit. */
function countThatFit(parcels: readonly Parcel[]): number {
  let bytes = 0;
  let count = 0;
  for (const { inline_bytes } of parcels.slice(0, LIMITS.leases_per_runner_max)) {
    bytes += inline_bytes;
    if (count > 0 && bytes > LIMITS.inline_output_bytes_max) break;
    count += 1;
  }
  return count;
}

function inlineBytes(result: ShardResult): number {
  if (result.outcome !== "done" || typeof result.outputs === "string") return 0;
  return result.outputs.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
}

function receiptOf({ lease_id }: ShardResult, receipts: SubmissionReceipt[]): SubmissionReceipt {
  const receipt = receipts.find((candidate) => candidate.lease_id === lease_id);
  return receipt ?? refused(lease_id, null, "the edge gave no receipt");
}

const refused = (
  lease_id: ShardResult["lease_id"],
  code: string | null,
  detail: string,
): SubmissionReceipt => ({
  lease_id,
  status: "refused",
  code,
  detail,
});
