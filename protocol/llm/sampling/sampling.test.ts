import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseToken, type TokenSampling } from "./choose-token.ts";
import { decay } from "./decay.ts";
import { MARGIN_MAX, marginOf } from "./margin-of.ts";
import { readLogits } from "./read-logits.ts";
import vectors from "./vectors/sampling.json" with { type: "json" };

const sampling = fc.record({
  temperature: fc.constantFrom(0, 0.1, 0.7, 1, 1.3, 2),
  top_p: fc.constantFrom(1, 0.99, 0.9, 0.5, 0.1),
  seed: fc.nat(2 ** 32 - 1),
});
const position = fc.nat(100_000);
/** Coarse steps, so that there are equals. */
const logits = fc
  .array(fc.integer({ min: -40, max: 20 }), { minLength: 2, maxLength: 60 })
  .map((steps) => Float32Array.from(steps, (step) => step / 4));

describe.each(vectors)("$name", ({ logits, sampling, position, choice, margins }) => {
  const given = Float32Array.from(logits);

  test("the choice is the one of the vector", () => {
    expect(chooseToken(given, sampling, position)).toBe(choice);
  });

  test("every token's margin is the one of the vector", () => {
    for (const [token, margin] of margins.entries()) {
      expect(marginOf(given, sampling, position, token)).toBeCloseTo(margin, 9);
    }
  });
});

test("the choice has a margin of 0, and no other token's margin is negative or not a number", () => {
  fc.assert(
    fc.property(logits, sampling, position, (given, how, at) => {
      expect(marginOf(given, how, at, chooseToken(given, how, at))).toBe(0);
      for (let token = 0; token < given.length; token++) {
        expect(marginOf(given, how, at, token)).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test("what a machine chose has on another a margin of at most twice their logits' largest difference", () => {
  const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(
      logits,
      noise,
      fc.constantFrom(1e-5, 1e-3, 0.1),
      sampling,
      position,
      (one, by, size, how, at) => {
        const other = one.map((logit, i) => logit + size * (by[i] ?? 0));
        const apart = Math.max(...one.map((logit, i) => Math.abs(logit - (other[i] ?? 0))));
        const margin = marginOf(other, how, at, chooseToken(one, how, at));
        expect(margin).toBeLessThanOrEqual(2 * apart + 1e-9);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("an honest margin is tiny where the nucleus ends exactly between equals", () => {
  const probabilities = [0.4, 0.3, 0.15, 0.15];
  const one = Float32Array.from(probabilities, Math.log);
  for (const top_p of [0.4, 0.7, 0.85]) {
    for (let at = 0; at < 200; at++) {
      const how = { temperature: 1, top_p, seed: 5 };
      const other = one.map((logit, i) => logit * (1 + (i % 2 === at % 2 ? 1e-5 : -1e-5)));
      expect(marginOf(other, how, at, chooseToken(one, how, at))).toBeLessThan(1e-4);
    }
  }
});

test("tokens come as often as their probability says, within the nucleus and at any temperature", () => {
  const given = Float32Array.of(2, 1.5, 0, 1, -1, 0.5);
  const draws = 20_000;
  for (const { temperature, top_p, kept } of [
    { temperature: 1, top_p: 1, kept: [0, 1, 2, 3, 4, 5] },
    { temperature: 0.5, top_p: 1, kept: [0, 1, 2, 3, 4, 5] },
    { temperature: 1, top_p: 0.7, kept: [0, 1, 3] },
  ]) {
    const counts = new Array<number>(given.length).fill(0);
    for (let at = 0; at < draws; at++) {
      const token = chooseToken(given, { temperature, top_p, seed: 77 }, at);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    const weights = [...given].map((logit, i) => (kept.includes(i) ? Math.exp(logit / temperature) : 0));
    const total = weights.reduce((sum, weight) => sum + weight);
    const expected = weights.map((weight) => (draws * weight) / total);
    const far = counts.map(
      (count, i) => Math.abs(count - (expected[i] ?? 0)) / Math.sqrt((expected[i] ?? 0) + 1),
    );
    expect(Math.max(...far)).toBeLessThan(4);
  }
});

test("the seed and the position decide, and nothing else", () => {
  const given = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const run = (seed: number) =>
    Array.from({ length: 32 }, (_, at) => chooseToken(given, { temperature: 1, top_p: 1, seed }, at));
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
  expect(new Set(run(3)).size).toBeGreaterThan(5);
});

test("what is not a number or minus infinity is never chosen, and cannot be", () => {
  const given = Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, 0, Number.NaN, 1);
  const how: TokenSampling = { temperature: 2, top_p: 0.99, seed: 1 };
  for (let at = 0; at < 200; at++) expect([2, 4]).toContain(chooseToken(given, how, at));
  for (const token of [0, 1, 3, 5, -1]) expect(marginOf(given, how, 0, token)).toBe(MARGIN_MAX);
  const nothing = new Float32Array(4).fill(Number.NaN);
  expect(readLogits(nothing, how, 0, 2)).toMatchObject({ choice: 0, margin: MARGIN_MAX, top: [] });
});

test("one reading gives the choice, the margin and the likeliest with their logprobs", () => {
  fc.assert(
    fc.property(logits, sampling, position, fc.nat(59), (given, how, at, pick) => {
      const token = pick % given.length;
      const reading = readLogits(given, how, at, token);
      const total = given.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const sorted = [...given.entries()].sort(([i, a], [j, b]) => b - a || i - j).slice(0, 8);
      expect(reading.choice).toBe(chooseToken(given, how, at));
      expect(reading.margin).toBe(marginOf(given, how, at, token));
      expect(reading.top.map((likely) => likely.token)).toEqual(sorted.map(([likely]) => likely));
      for (const { token, logprob } of reading.top) {
        expect(logprob).toBeCloseTo((given[token] ?? 0) - Math.log(total), 9);
        expect(logprob).toBeCloseTo((given[token] ?? 0) - reading.log_sum, 9);
      }
    }),
  );
});

test("a large vocabulary gives what a small one gives", () => {
  const how = GenerationRequest.shape.sampling.parse({ temperature: 1, top_p: 0.9, seed: 8, tokens_max: 1 });
  const few = Float32Array.from({ length: 100 }, (_, i) => 5 * Math.sin(i));
  const many = new Float32Array(150_000).fill(-90);
  many.set(few);
  for (let at = 0; at < 20; at++) expect(chooseToken(many, how, at)).toBe(chooseToken(few, how, at));
});

test("decay is exp(-x) to the last bits", () => {
  for (let x = 0; x < 64; x += 0.0137) expect(Math.abs(decay(x) / Math.exp(-x) - 1)).toBeLessThan(1e-14);
  expect([0, 64, Number.POSITIVE_INFINITY, Number.NaN].map(decay)).toEqual([1, 0, 0, 0]);
});
