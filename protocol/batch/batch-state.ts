import type { BatchError, BatchStatus } from "@infernet/schemas/batch";
import type { BatchState, PartOutcome } from "@infernet/schemas/batch-state";
import type { FileId } from "@infernet/schemas/ids";

/** What happens to a batch. */
export type BatchEvent =
  /** Its input was read to the end, and every line of it is a request. */
  | { kind: "accepted"; total: number }
  | { kind: "refused"; errors: BatchError[] }
  /** More of its input was cut into parts; `uncut` null: all of it. */
  | { kind: "cut"; uncut: BatchState["uncut"]; parts: number }
  /** One of its parts is over. */
  | { kind: "collected"; outcome: PartOutcome }
  | { kind: "cancel" }
  /** Every part is over. */
  | { kind: "finalizing" }
  | { kind: "closed"; output_file_id: FileId | null; error_file_id: FileId | null };

/** What a batch can be asked for next. */
export type BatchStep = "validate" | "submit" | "cut" | "collect" | "finalize" | "close";

const FROM: Record<BatchEvent["kind"], readonly BatchStatus[]> = {
  accepted: ["validating"],
  refused: ["validating"],
  cut: ["in_progress", "cancelling"],
  collected: ["in_progress", "cancelling"],
  cancel: ["validating", "in_progress"],
  finalizing: ["in_progress"],
  closed: ["finalizing", "cancelling"],
};

export const createBatchState = (now_ms: number): BatchState => ({
  status: "validating",
  began: { validating: now_ms },
  total: null,
  uncut: { number: 1, offset: 0 },
  parts: 0,
  completed: 0,
  failed: 0,
  expired: 0,
  usage: { input_tokens: 0, cached_tokens: 0, output_tokens: 0 },
  charged_micro: "0",
  errors: [],
  output_file_id: null,
  error_file_id: null,
});

/** Whether an event can happen to a batch that stands so. */
export const takesBatchEvent = ({ status }: BatchState, kind: BatchEvent["kind"]): boolean =>
  FROM[kind].includes(status);

/** The batch after an event. Throws on one that cannot happen to it, which is a fault of the caller. */
export function applyBatchEvent(state: BatchState, event: BatchEvent, now_ms: number): BatchState {
  if (!takesBatchEvent(state, event.kind))
    throw new Error(`a batch that is ${state.status} cannot be ${event.kind}`);
  const become = (status: BatchStatus): Pick<BatchState, "status" | "began"> => ({
    status,
    began: { ...state.began, [status]: now_ms },
  });
  switch (event.kind) {
    case "accepted":
      return { ...state, ...become("in_progress"), total: event.total };
    case "refused":
      return { ...state, ...become("failed"), uncut: null, errors: event.errors };
    case "cut":
      return { ...state, uncut: event.uncut, parts: state.parts + event.parts };
    case "collected":
      return addOutcome(state, event.outcome);
    case "cancel":
      // Of an input that was not read to the end nothing is listed: nobody knows whether its lines are requests.
      return { ...state, ...become("cancelling"), uncut: state.total === null ? null : state.uncut };
    case "finalizing":
      return { ...state, ...become("finalizing") };
    case "closed": {
      const { output_file_id, error_file_id } = event;
      return { ...state, ...become(endOf(state)), output_file_id, error_file_id };
    }
    default:
      return event satisfies never;
  }
}

/**
 * What is to be done next. Jobs are made of a part before more is cut, so that work begins at once and a restart finds
 * little half done.
 *
 * @param parts of those that are not over, how many have a job and how many have none yet
 */
export function nextBatchStep(
  state: BatchState,
  parts: { submitted: number; unsubmitted: number },
): BatchStep | null {
  switch (state.status) {
    case "validating":
      return "validate";
    case "in_progress":
    case "cancelling":
      if (parts.unsubmitted > 0) return "submit";
      if (state.uncut !== null) return "cut";
      if (parts.submitted > 0) return "collect";
      return state.status === "cancelling" ? "close" : "finalize";
    case "finalizing":
      return "close";
    case "failed":
    case "completed":
    case "expired":
    case "cancelled":
      return null;
    default:
      return state.status satisfies never;
  }
}

function endOf({ status, expired }: BatchState): BatchStatus {
  if (status === "cancelling") return "cancelled";
  return expired > 0 ? "expired" : "completed";
}

const addOutcome = (state: BatchState, outcome: PartOutcome): BatchState => ({
  ...state,
  completed: state.completed + outcome.completed,
  failed: state.failed + outcome.failed,
  expired: state.expired + outcome.expired,
  usage: {
    input_tokens: state.usage.input_tokens + outcome.usage.input_tokens,
    cached_tokens: state.usage.cached_tokens + outcome.usage.cached_tokens,
    output_tokens: state.usage.output_tokens + outcome.usage.output_tokens,
  },
  charged_micro: String(BigInt(state.charged_micro) + BigInt(outcome.charged_micro)),
});
