import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { planTexts } from "./plan-texts.ts";

const plan = (lengths: number[], rows_max: number | null = null, context_tokens = 512) =>
  planTexts(lengths, { context_tokens, rows_max });

test("texts are together with those that are as long once filled up, the short ones first", () => {
  expect(plan([40, 3, 64, 32, 33])).toEqual([
    { length: 32, rows: [1, 3] },
    { length: 64, rows: [0, 2, 4] },
  ]);
});

test("a text is filled up no further than the model takes", () => {
  expect(plan([50, 33], null, 50)).toEqual([{ length: 50, rows: [0, 1] }]);
});

test("a call has no more rows than the manifest says, and no more tokens than fit", () => {
  expect(plan([1, 1, 1], 2).map(({ rows }) => rows)).toEqual([[0, 1], [2]]);
  const sizes = plan(Array.from({ length: 100 }, () => 512)).map(({ rows }) => rows.length);
  expect(Math.max(...sizes) * 512).toBe(LIMITS.embedding_batch_tokens_max);
  expect(plan([20_000], null, 20_000)).toEqual([{ length: 20_000, rows: [0] }]);
});
