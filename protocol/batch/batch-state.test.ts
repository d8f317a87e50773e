import type { BatchState, PartOutcome } from "@infernet/schemas/batch-state";
import { expect, test } from "vitest";
import {
  applyBatchEvent,
  type BatchEvent,
  createBatchState,
  nextBatchStep,
  takesBatchEvent,
} from "./batch-state.ts";

const outcome = (changes: Partial<PartOutcome> = {}): PartOutcome => ({
  output: [],
  errors: [],
  completed: 1,
  failed: 0,
  expired: 0,
  usage: { input_tokens: 5, cached_tokens: 1, output_tokens: 2 },
  charged_micro: "7",
  ...changes,
});
const closed: BatchEvent = { kind: "closed", output_file_id: null, error_file_id: null };
const cutAll: BatchEvent = { kind: "cut", uncut: null, parts: 1 };

/** A batch to which these happened, a second apart. */
const after = (...events: BatchEvent[]): BatchState =>
  events.reduce(
    (state, event, index) => applyBatchEvent(state, event, (index + 1) * 1_000),
    createBatchState(0),
  );
const none = { submitted: 0, unsubmitted: 0 };

test("a batch is read, cut, made into jobs, collected and closed, in this order", () => {
  expect(nextBatchStep(after(), none)).toBe("validate");
  const accepted = after({ kind: "accepted", total: 2 });
  expect(nextBatchStep(accepted, none)).toBe("cut");
  const cut = applyBatchEvent(accepted, cutAll, 2_000);
  expect(nextBatchStep(cut, { submitted: 1, unsubmitted: 1 })).toBe("submit");
  expect(nextBatchStep(cut, { submitted: 2, unsubmitted: 0 })).toBe("collect");
  expect(nextBatchStep(cut, none)).toBe("finalize");
  const finalizing = applyBatchEvent(cut, { kind: "finalizing" }, 3_000);
  expect(nextBatchStep(finalizing, none)).toBe("close");
  const over = applyBatchEvent(finalizing, closed, 4_000);
  expect(over).toMatchObject({
    status: "completed",
    began: { validating: 0, in_progress: 1_000, finalizing: 3_000, completed: 4_000 },
  });
  expect(nextBatchStep(over, none)).toBeNull();
});

test("jobs are made of what was cut before more is cut", () => {
  const state = after(
    { kind: "accepted", total: 9 },
    { kind: "cut", uncut: { number: 5, offset: 99 }, parts: 2 },
  );
  expect(nextBatchStep(state, { submitted: 0, unsubmitted: 2 })).toBe("submit");
  expect(nextBatchStep(state, { submitted: 2, unsubmitted: 0 })).toBe("cut");
});

test("what its parts came to adds up", () => {
  const state = after(
    { kind: "accepted", total: 3 },
    cutAll,
    { kind: "collected", outcome: outcome() },
    { kind: "collected", outcome: outcome({ completed: 0, failed: 2 }) },
  );
  expect(state).toMatchObject({
    completed: 1,
    failed: 2,
    charged_micro: "14",
    usage: { input_tokens: 10, cached_tokens: 2, output_tokens: 4 },
  });
});

test("lines that were not answered in time make the batch expired", () => {
  const collected: BatchEvent = {
    kind: "collected",
    outcome: outcome({ completed: 0, failed: 1, expired: 1 }),
  };
  expect(
    after({ kind: "accepted", total: 1 }, cutAll, collected, { kind: "finalizing" }, closed).status,
  ).toBe("expired");
});

test("a refused batch fails with what is wrong, and is over", () => {
  const errors = [{ code: "invalid_json_line", message: "no", param: null, line: 3 }];
  const state = after({ kind: "refused", errors });
  expect(state).toMatchObject({ status: "failed", errors });
  expect(nextBatchStep(state, none)).toBeNull();
});

test("a canceled batch lists the rest of its lines, but none of an input that was not read to its end", () => {
  const early = after({ kind: "cancel" });
  expect(nextBatchStep(early, none)).toBe("close");
  const running = after({ kind: "accepted", total: 2 }, { kind: "cancel" });
  expect(nextBatchStep(running, none)).toBe("cut");
  const over = applyBatchEvent(applyBatchEvent(running, cutAll, 3_000), closed, 4_000);
  expect(over.status).toBe("cancelled");
});

test("nothing happens to a batch that is over, and nothing twice", () => {
  const events: BatchEvent[] = [
    { kind: "accepted", total: 1 },
    { kind: "refused", errors: [] },
    cutAll,
    { kind: "collected", outcome: outcome() },
    { kind: "cancel" },
    { kind: "finalizing" },
    closed,
  ];
  const overs = [
    after({ kind: "refused", errors: [] }),
    after({ kind: "cancel" }, closed),
    after({ kind: "accepted", total: 1 }, cutAll, { kind: "finalizing" }, closed),
  ];
  for (const over of overs)
    for (const event of events) {
      expect(takesBatchEvent(over, event.kind)).toBe(false);
      expect(() => applyBatchEvent(over, event, 0)).toThrow(/cannot be/);
    }
  expect(takesBatchEvent(after({ kind: "cancel" }), "cancel")).toBe(false);
});
