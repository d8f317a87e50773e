import { encodeLikely, renderFingerprint } from "@infernet/schemas/llm/fingerprint";
import type { Completion, Generation } from "@infernet/schemas/llm/generation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ComparedAs } from "./compare-completions.ts";
import { compareGenerations } from "./compare-generations.ts";
import { FINE_GENERATION_BOUNDS as BOUNDS } from "./generation-tolerances.ts";
import { type CompletionShape, completionOf } from "./testing/completion-of.ts";

const RULES = { tokens_max: 256, context_tokens: 1_024 };
const ANSWER: ComparedAs = { kind: "answer", rules: RULES, begun: [] };
const ALIKE: ComparedAs = { kind: "alike" };

const compare = (check: Generation | null, answer: Generation | null, as: ComparedAs = ANSWER) =>
  compareGenerations([check], [answer], BOUNDS, () => as);
const shape = (more: Partial<CompletionShape> = {}): CompletionShape => ({ positions: 100, ...more });
const honest = completionOf(shape());
const changed = (change: Partial<Completion>): Completion => ({ ...honest, ...change });

describe("a check of an answer", () => {
  test("agrees with one that computed the same, to rounding", () => {
    expect(compare(honest, honest)).toEqual({
      zone: "match",
      deviation: 0,
      angle: 0,
      rows: { match: 1, unclear: 0, fraud: 0 },
      worst_row: null,
      begun: [],
    });
    expect(compare(honest, completionOf(shape({ noise: 3e-5 }))).zone).toBe("match");
  });

  test("finds other numbers, though they are in one block alone", () => {
    expect(compare(honest, completionOf(shape({ noise: 2e-2 }))).zone).toBe("fraud");
    const late = completionOf(shape({ noise: 2e-2, noisy: (position) => position >= 90 }));
    expect(compare(honest, late)).toMatchObject({ zone: "fraud", worst_row: 0 });
    expect(compare(honest, completionOf(shape({ seed: 9 }))).zone).toBe("fraud");
  });

  test("does not say who is wrong where honest machines might differ so", () => {
    const doubtful = compare(honest, completionOf(shape({ noise: 1.3e-3 })));
    expect(doubtful.zone).toBe("unclear");
    expect(doubtful.deviation).toBeGreaterThan(BOUNDS.inner.deviation);
  });

  test("finds tokens that the seed does not choose, whoever of the two tells of them", () => {
    const nudged = completionOf(shape({ margins: (position) => (position === 40 ? 4_096 : 0) }));
    for (const [check, answer] of [
      [nudged, honest],
      [honest, nudged],
    ] as const)
      expect(compare(check, answer)).toMatchObject({ zone: "fraud", deviation: 0, angle: 1 / 32 });
  });

  test("lets a tie fall either way", () => {
    const tie = completionOf(shape({ margins: (position) => (position === 40 ? 2 : 0) }));
    expect(compare(tie, honest).zone).toBe("match");
  });

  test("finds counts, texts and ends that are not what its own are", () => {
    for (const change of [
      { text: "something else" },
      { finish_reason: "length" },
      { usage: { ...honest.usage, prompt_tokens: 6 } },
    ] as const)
      expect(compare(honest, changed(change)).zone, JSON.stringify(change)).toBe("fraud");
  });

  test("finds a completion that ended for its length before it was as long", () => {
    const length = changed({ finish_reason: "length" });
    expect(compare(length, length).zone).toBe("fraud");
    for (const rules of [
      { tokens_max: 100, context_tokens: 1_024 },
      { tokens_max: 256, context_tokens: 105 },
    ])
      expect(compare(length, length, { ...ANSWER, rules }).zone).toBe("match");
    const rules = { tokens_max: 99, context_tokens: 1_024 };
    expect(compare(honest, honest, { ...ANSWER, rules }).zone).toBe("fraud");
  });

  test("takes the least that can be told for what it is, where one token has all but all probability", () => {
    const sure = encodeLikely(
      Array.from({ length: 8 }, (_, token) => ({ token, logprob: token === 0 ? -1e-5 : -12 - token })),
    );
    const certain = changed({
      tokens: [0],
      usage: { ...honest.usage, completion_tokens: 1 },
      evidence: { fingerprint: renderFingerprint([sure]), margins: [0] },
    });
    expect(compare(certain, certain).zone).toBe("match");
  });

  test("finds evidence that does not fit together", () => {
    const { fingerprint, margins } = honest.evidence ?? { fingerprint: "", margins: [] };
    const twice = fingerprint.slice(0, 8).repeat(8) + fingerprint.slice(64);
    for (const evidence of [
      { fingerprint: fingerprint.slice(64), margins },
      { fingerprint, margins: margins.slice(1) },
      { fingerprint: twice, margins },
    ])
      expect(compare(honest, changed({ evidence })).zone).toBe("fraud");
  });

  test("finds logprobs for the client that are not those of the evidence", () => {
    const { tokens } = honest;
    const told = (logprob: number): Completion =>
      changed({
        logprobs: (tokens ?? []).map(() => ({ token: "a", logprob, bytes: null, top_logprobs: [] })),
      });
    expect(compare(told(-0.1), told(-0.1)).zone).toBe("fraud");
    expect(compare(honest, told(-0.1)).zone).toBe("fraud");
    const unlikely = completionOf(shape({ seed: 1 }));
    const elsewhere = (logprob: number): Completion => ({
      ...unlikely,
      tokens: unlikely.tokens?.map((token) => token + 5_000) ?? null,
      logprobs: unlikely.tokens?.map(() => ({ token: "a", logprob, bytes: null, top_logprobs: [] })) ?? null,
    });
    expect(compare(elsewhere(-7), elsewhere(-7)).zone).toBe("match");
    expect(compare(elsewhere(-7), elsewhere(-6)).zone).toBe("fraud");
  });

  test("tells nothing where an engine has no evidence, and nothing of a server that failed", () => {
    const bare = changed({ tokens: null, evidence: null });
    const failed: Generation = { error: { code: "server_error", message: "" } };
    expect(compare(bare, bare)).toMatchObject({ zone: "unclear", deviation: null, rows: { unclear: 1 } });
    expect(compare(bare, failed).zone).toBe("unclear");
  });

  test("finds evidence that was held back, and a failure that was made up", () => {
    expect(compare(honest, changed({ tokens: null, evidence: null })).zone).toBe("fraud");
    expect(compare(honest, { error: { code: "server_error", message: "" } }).zone).toBe("fraud");
  });

  test("finds a refusal of what can be done, and what nobody can read", () => {
    const refusal: Generation = { error: { code: "context_too_long", message: "too long" } };
    const worded: Generation = { error: { code: "context_too_long", message: "in other words" } };
    expect(compare(honest, refusal).zone).toBe("fraud");
    expect(compare(worded, refusal).zone).toBe("match");
    expect(compare(honest, null)).toMatchObject({ zone: "fraud", deviation: null, angle: null });
  });
});

describe("an answer that others began", () => {
  const as: ComparedAs = { kind: "answer", rules: RULES, begun: [{ start: 0, positions: 50 }] };
  const wrong = (position: number): Completion =>
    completionOf(shape({ margins: (at) => (at === position ? 3_000 : 0) }));

  test("is not held against who finished it for what the first one chose, if it says so", () => {
    expect(compare(wrong(10), wrong(10), as)).toMatchObject({ zone: "match", begun: ["fraud"] });
  });

  test("is, for hiding it and for what it chose itself", () => {
    expect(compare(wrong(10), honest, as)).toMatchObject({ zone: "fraud", begun: ["match"] });
    expect(compare(wrong(60), honest, as)).toMatchObject({ zone: "fraud", begun: ["match"] });
  });
});

describe("two that are to be alike", () => {
  const margins = (position: number): number => (position === 3 ? 9_000 : 0);

  test("agree about wrong choices that are not theirs", () => {
    const check = completionOf(shape({ margins }));
    expect(compare(check, check, ALIKE).zone).toBe("match");
    expect(compare(check, honest, ALIKE).zone).toBe("fraud");
  });

  test("with other tokens are unclear while they computed the same, and fraud when they did not", () => {
    const tokens = [...(honest.tokens ?? [])];
    tokens[50] = 1_001;
    expect(compare(honest, changed({ tokens }), ALIKE).zone).toBe("unclear");
    expect(compare(honest, { ...completionOf(shape({ noise: 2e-2 })), tokens }, ALIKE).zone).toBe("fraud");
    expect(compare(honest, completionOf(shape({ positions: 60 })), ALIKE).zone).toBe("fraud");
    expect(compare(honest, changed({ tokens })).zone).toBe("fraud");
  });
});

test("the worst of several rows decides", () => {
  const bad = completionOf(shape({ noise: 2e-2 }));
  const compared = compareGenerations([honest, honest, honest], [honest, bad, honest], BOUNDS, () => ANSWER);
  expect(compared).toMatchObject({ zone: "fraud", worst_row: 1, rows: { match: 2, unclear: 0, fraud: 1 } });
});

test("the order of the two does not matter to how far they are apart", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.nat(),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (positions, seed, noise) => {
        const a = completionOf({ positions, seed });
        const b = completionOf({ positions, seed, noise });
        expect(compare(a, b, ALIKE)).toEqual(compare(b, a, ALIKE));
      },
    ),
    { numRuns: 50 },
  );
});
