import { LIMITS } from "@infernet/schemas/limits";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { GenerationSession } from "../engine/engine.ts";
import { generateRow, type RowTask } from "./generate-row.ts";
import { createScriptedGenerator, type ScriptedGenerator } from "./testing/scripted-generator.ts";

const request = GenerationRequest.parse({
  prompt: { kind: "text", text: "once" },
  sampling: { seed: 1, tokens_max: 3 },
});
const task: RowTask = {
  ...{ task: "generate", given: null, onPart: () => undefined },
  ...{ timeout_ms: LIMITS.job_deadline_ms_max, signal: new AbortController().signal },
};

let engine: ScriptedGenerator;
let session: GenerationSession;
let step: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  engine = createScriptedGenerator();
  engine.gate = () =>
    new Promise((resolve) => {
      step = resolve;
    });
  session = engine.session;
});
afterEach(() => void vi.useRealTimers());

it("gives up an engine that makes no first token, and sooner one that makes no next", async () => {
  const first = generateRow(session, request, task).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(LIMITS.generation_first_ms_max);
  expect(await first).toMatchObject({ code: "engine_timeout", message: "the engine made no token in 120 s" });
  const second = generateRow(session, request, task).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(LIMITS.generation_first_ms_max - 1);
  step();
  await vi.advanceTimersByTimeAsync(LIMITS.generation_next_ms_max);
  expect(await second).toMatchObject({ code: "engine_timeout", message: "the engine made no token in 30 s" });
  expect(vi.getTimerCount()).toBe(0);
});

it("lets a slow engine take its time as long as tokens come", async () => {
  const run = generateRow(session, request, task);
  for (let token = 0; token < 3; token++) {
    await vi.advanceTimersByTimeAsync(LIMITS.generation_next_ms_max - 1);
    step();
  }
  await vi.advanceTimersByTimeAsync(0);
  expect((await run).generation).toMatchObject({ tokens: [1, 2, 3] });
  expect(vi.getTimerCount()).toBe(0);
});

it("fails a check that gives nothing to check, and one on an engine that cannot", async () => {
  await expect(generateRow(session, request, { ...task, task: "score" })).rejects.toMatchObject({
    code: "input_mismatch",
  });
  const given = { tokens: [1], positions: 1, text: "1 " };
  await expect(
    generateRow({ ...session, score: null }, request, { ...task, task: "score", given }),
  ).rejects.toMatchObject({ code: "engine_error" });
});
