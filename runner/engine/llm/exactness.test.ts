import { type Completion, isCompletion, type TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import known from "../../../e2e/fixtures/tinylm/known-answer.json" with { type: "json" };
import { plainSandbox } from "../../sandbox/plain-sandbox.ts";
import type { GenerationSession } from "../engine.ts";
import { createLlmEngine } from "./llm-engine.ts";
import { LlmSession } from "./llm-session.ts";
import { interruptAtRandom, makeCompletions } from "./testing/interrupt-at-random.ts";
import { killGenerators } from "./testing/kill-generators.ts";
import { requestOf, TINYLM_DIR, tinylmManifest } from "./testing/tinylm.ts";

const SEED = 7;

let sessions: GenerationSession[];
beforeAll(async () => {
  const manifest = await tinylmManifest();
  const load = async (threads: number) =>
    (await createLlmEngine({ sandbox: plainSandbox, threads })).loadGenerator(manifest, TINYLM_DIR);
  sessions = await Promise.all([load(1), load(2)]);
});
afterAll(() => Promise.all(sessions.map((session) => session.close())));

describe("a completion", () => {
  it("is the known answer of the model", async () => {
    const [session] = sessions;
    const { completion } = await generate(session, requestOf(known.prompt));
    expect(completion.tokens).toEqual(known.greedyIds);
    expect(completion.text).toBe(known.greedyText);
  });

  it("has the same tokens and evidence alone, among others, and interrupted anywhere, on one thread and on two", async () => {
    const random = seededRandom(SEED);
    const whole = await makeCompletions(sessions, { count: 16, random });
    const report = await interruptAtRandom(sessions, whole, { interruptions: 24, random });
    expect(report.different, `seed ${SEED}`).toEqual([]);
    expect(report.interrupted).toBe(24);
  });

  it("comes out the same when its process is killed under it, again and again", async () => {
    const random = seededRandom(SEED + 1);
    const whole = await makeCompletions(sessions, { count: 8, random });
    const [session] = sessions;
    if (!(session instanceof LlmSession)) throw new Error("not in a process of its own");
    const report = await killGenerators(session, whole, { kills: 3, random });
    expect(report, `seed ${SEED + 1}`).toMatchObject({ kills: 3, lost: [] });
  });

  it("takes over what an earlier prompt has computed, says so, and is the same", async () => {
    const [session, other] = sessions;
    const prompt = `${"All rights granted under this License are granted. ".repeat(6)}And`;
    const request = requestOf(prompt, { temperature: 0.8, tokens_max: 40 });
    const first = await generate(session, request);
    expect(first.completion.usage.cached_tokens).toBe(0);
    const again = await generate(session, request);
    expect(again.completion.usage.cached_tokens).toBeGreaterThanOrEqual(64);
    expect(again.completion.usage.cached_tokens % 32).toBe(0);
    expect({ ...again.completion, usage: null }).toEqual({ ...first.completion, usage: null });
    const elsewhere = await generate(other, request);
    expect(elsewhere.completion.tokens).toEqual(first.completion.tokens);
    const differing = await generate(session, requestOf(`${prompt} more`, { tokens_max: 1 }));
    expect(differing.completion.usage.cached_tokens).toBe(again.completion.usage.cached_tokens);
  });

  it("is checked in one pass whose evidence agrees with its own", async () => {
    const [session] = sessions;
    const request = requestOf(known.prompt, { temperature: 0.8, tokens_max: 100 });
    const { completion } = await generate(session, request);
    const { tokens, text } = completion;
    const given = { tokens, positions: 100, text };
    const scored = await session?.score?.(request, given, PATIENT);
    if (!scored || !isCompletion(scored.generation)) throw new Error("not scored");
    expect(scored.generation.tokens).toEqual(tokens);
    expect(scored.generation.text).toBe(text);
    expect(Math.max(...(scored.generation.evidence?.margins ?? [1]))).toBeLessThanOrEqual(1);
    const swapped = {
      ...given,
      tokens: (tokens ?? []).map((token, i) => (i === 50 ? (token + 1) % 1024 : token)),
    };
    const found = await session?.score?.(request, swapped, PATIENT);
    if (!found || !isCompletion(found.generation)) throw new Error("not scored");
    expect(found.generation.evidence?.margins[50]).toBeGreaterThan(100);
  });

  it("is checked as nothing at all where somebody says that the request cannot be answered", async () => {
    const none = { tokens: [], positions: 0, text: "" };
    const scored = await sessions[0]?.score?.(requestOf(known.prompt), none, PATIENT);
    expect(scored?.generation).toMatchObject({ text: "", tokens: [], evidence: { margins: [] } });
    const long = await sessions[0]?.score?.(requestOf("word ".repeat(600)), none, PATIENT);
    expect(long?.generation).toMatchObject({ error: { code: "context_too_long" } });
  });

  it("tells the likeliest tokens of each position when asked", async () => {
    const [session] = sessions;
    const request = { ...requestOf(known.prompt, { tokens_max: 4 }), top_logprobs: 12 };
    const { completion, parts } = await generate(session, request);
    expect(completion.logprobs).toEqual(parts.map(({ logprob }) => logprob));
    const [first] = completion.logprobs ?? [];
    expect(first?.top_logprobs).toHaveLength(12);
    expect(first?.top_logprobs[0]).toEqual({
      token: first?.token,
      bytes: first?.bytes,
      logprob: first?.logprob,
    });
  });
});

const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };

async function generate(
  session: GenerationSession | undefined,
  request: GenerationRequest,
): Promise<{ completion: Completion; parts: TokenPart[] }> {
  const parts: TokenPart[] = [];
  const run = await session?.generate(request, {
    ...PATIENT,
    given: null,
    onPart: (part) => parts.push(part),
  });
  if (!run || !isCompletion(run.generation)) throw new Error("no completion came of it");
  return { completion: run.generation, parts };
}
