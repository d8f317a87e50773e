import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { scoredUnits, tokenUnits } from "@infernet/schemas/llm/token-units";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgress } from "../job-progress.ts";
import { chargeFor } from "../settlement.ts";
import { sampleJob } from "../testing/sample-ids.ts";
import { sampleTerms } from "../testing/sample-terms.ts";
import { promptTokensMax, rowUnitsMax } from "./estimate-units.ts";
import { tokenPrices } from "./token-prices.ts";

const request = (prompt: object, tokens_max = 10, more: object = {}): GenerationRequest =>
  GenerationRequest.parse({ prompt, sampling: { seed: 1, tokens_max }, ...more });

test("a prompt has at most as many tokens as bytes, and what its template may add", () => {
  expect(promptTokensMax(request({ kind: "tokens", tokens: [1, 2, 3] }))).toBe(3);
  expect(promptTokensMax(request({ kind: "text", text: "für" }))).toBe(4 + 2);
  const messages = [{ role: "user", content: "für" }];
  expect(promptTokensMax(request({ kind: "chat", messages }))).toBe(64 + 16 + 4);
  const tools = [{ type: "function" }];
  expect(promptTokensMax(request({ kind: "chat", messages }, 10, { tools }))).toBe(84 + 2 * 21);
});

test("a row is priced at its longest completion and the longest prompt that leaves room for it", () => {
  const row = request({ kind: "text", text: "x".repeat(1_000) }, 400);
  expect(rowUnitsMax(row, 512)).toEqual({ made: 112 * 10 + 400 * 40, checked: 512 * 10 });
  expect(rowUnitsMax(row, 8_192)).toEqual({ made: 1_002 * 10 + 400 * 40, checked: 1_402 * 10 });
});

test("a million tokens of each kind cost their weight, rounded up", () => {
  // A model of a billion parameters: 2 x 10^15 operations for a million prompt tokens, 11.1 hours of a reference core.
  expect(tokenPrices(1_000_000_000n, 50_000n)).toEqual({
    prompt_micro: "555556",
    cached_micro: "55556",
    completion_micro: "2222223",
    checked_micro: "555556",
  });
});

test("whatever comes of a row within its model's context, it costs no more than was quoted for it", () => {
  const outcomes = fc
    .record({
      text: fc.string({ unit: "grapheme", maxLength: 300 }),
      tokens_max: fc.integer({ min: 1, max: 300 }),
      context: fc.integer({ min: 300, max: 600 }),
      auditors: fc.integer({ min: 0, max: 3 }),
    })
    .chain((asked) => {
      const prompt = fc.integer({ min: 1, max: Math.min(asked.context - 1, asked.text.length * 4 + 2) });
      return prompt.chain((prompt_tokens) =>
        fc.record({
          asked: fc.constant(asked),
          prompt_tokens: fc.constant(prompt_tokens),
          cached_tokens: fc.integer({ min: 0, max: prompt_tokens }),
          completion_tokens: fc.integer({
            min: 0,
            max: Math.min(asked.tokens_max, asked.context - prompt_tokens),
          }),
        }),
      );
    })
    .filter(({ asked, prompt_tokens }) => prompt_tokens <= new TextEncoder().encode(asked.text).length + 2);
  fc.assert(
    fc.property(outcomes, fc.bigInt({ min: 0n, max: 10_000n }), ({ asked, ...usage }, quoted) => {
      const { text, tokens_max, context, auditors } = asked;
      const most = rowUnitsMax(request({ kind: "text", text }, tokens_max), context);
      const priced_rows = most.made + auditors * most.checked;
      const rows_used = tokenUnits(usage) + auditors * scoredUnits(usage);
      expect(rows_used).toBeLessThanOrEqual(priced_rows);
      const verification = { mode: "none", auditors: 0, audit_rows: 0, error_max: null } as const;
      const plan = { job_id: sampleJob(1), rows: 1, shard_rows: 1, shards: 1, verification };
      const progress = { ...createProgress(plan, 0), rows_used };
      expect(chargeFor(progress, sampleTerms(quoted, { priced_rows }))).toBeLessThanOrEqual(quoted);
    }),
  );
});
