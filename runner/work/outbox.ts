import { LIMITS } from "@infernet/schemas/limits";
import type {
  ShardResult,
  Submission,
  SubmissionReceipt,
  SubmissionResponse,
} from "@infernet/schemas/runner";
import { EdgeRefusal } from "../transport/edge-error.ts";

export interface OutboxOptions {
  submit(submission: Submission): Promise<SubmissionResponse>;
  onReceipts(receipts: SubmissionReceipt[]): void;
}

/**
 * Results on their way to the edge: one submission at a time, and each takes all that finished during the last one. A
 * result stays until the edge has said what became of it.
 */
export interface Outbox {
  add(result: ShardResult): void;
  readonly size: number;
  /** Resolves when nothing is left to send. */
  whenEmpty(): Promise<void>;
}

export function createOutbox({ submit, onReceipts }: OutboxOptions): Outbox {
  const waiting: ShardResult[] = [];
  let sending: ShardResult[] = [];
  let drained = Promise.resolve();

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      sending = waiting.splice(0, countThatFit(waiting));
      onReceipts(await send(sending));
      sending = [];
    }
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
    add: (result) => {
      waiting.push(result);
      // Only an aborted submission rejects: the runner is stopping, and what is left stays counted.
      if (waiting.length === 1 && sending.length === 0) drained = drain().catch(() => undefined);
    },
    whenEmpty: () => drained,
  };
}

/** How many of the results one submission holds: all, or as many as keep its tensors within the limit. */
function countThatFit(results: readonly ShardResult[]): number {
  let bytes = 0;
  let count = 0;
  for (const result of results.slice(0, LIMITS.leases_per_runner_max)) {
    bytes += outputBytes(result);
    if (count > 0 && bytes > LIMITS.inline_output_bytes_max) break;
    count += 1;
  }
  return count;
}

function outputBytes(result: ShardResult): number {
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
