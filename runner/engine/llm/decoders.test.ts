import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCompletion } from "@infernet/schemas/llm/generation";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { afterEach, describe, expect, it } from "vitest";
import known from "../../../e2e/fixtures/tinylm/known-answer.json" with { type: "json" };
import { plainSandbox } from "../../sandbox/plain-sandbox.ts";
import type { GenerationSession } from "../engine.ts";
import { createLlmEngine } from "./llm-engine.ts";
import { changeTinylm, dropInput, halveCache, ignoreMask, moveWeights } from "./testing/change-tinylm.ts";
import { interruptAtRandom, makeCompletions } from "./testing/interrupt-at-random.ts";
import { requestOf, tinylmManifest } from "./testing/tinylm.ts";

const SEED = 5;
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal, given: null };

const dirs: string[] = [];
const sessions: GenerationSession[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true, force: true })));
});

async function open(change: Parameters<typeof changeTinylm>[0]): Promise<GenerationSession> {
  const dir = await changeTinylm(change);
  dirs.push(dir);
  return openIn(dir);
}

async function openIn(dir: string): Promise<GenerationSession> {
  const engine = await createLlmEngine({ sandbox: plainSandbox, threads: 1, version: "1" });
  const session = await engine.loadGenerator(await tinylmManifest(), dir);
  sessions.push(session);
  return session;
}

async function answerOf(session: GenerationSession): Promise<readonly number[] | null> {
  const { generation } = await session.generate(requestOf(known.prompt), PATIENT);
  return isCompletion(generation) ? generation.tokens : null;
}

describe("decoders of other kinds", () => {
  it("whose attention stands no gaps are worked on by turns, as exactly", async () => {
    const session = await open(ignoreMask);
    expect(await answerOf(session)).toEqual(known.greedyIds);
    const random = seededRandom(SEED);
    const whole = await makeCompletions([session], { count: 4, random });
    const report = await interruptAtRandom([session], whole, { interruptions: 8, random });
    expect(report.different, `seed ${SEED}`).toEqual([]);
  });

  it("whose keys and values are of half precision work on many at once, as exactly", async () => {
    const session = await open(halveCache);
    expect((await answerOf(session))?.slice(0, 8)).toEqual(known.greedyIds.slice(0, 8));
    const random = seededRandom(SEED);
    const whole = await makeCompletions([session], { count: 4, random });
    const report = await interruptAtRandom([session], whole, { interruptions: 8, random });
    expect(report.different, `seed ${SEED}`).toEqual([]);
  });

  it("whose weights lie in a second file give the same bits as the same model in one", async () => {
    const [apart, whole] = [await open(moveWeights), await open(() => undefined)];
    const random = seededRandom(SEED);
    const completions = await makeCompletions([whole], { count: 4, random });
    const report = await interruptAtRandom([apart], completions, { interruptions: 8, random });
    expect(report.different, `seed ${SEED}`).toEqual([]);
  });

  it("that lack what generating needs are refused by name", async () => {
    const unloadable = (message: RegExp) => ({
      code: "model_unloadable",
      message: expect.stringMatching(message),
    });
    await expect(open(dropInput("attention_mask"))).rejects.toMatchObject(
      unloadable(/no input 'attention_mask'/),
    );
    const renamed = open((graph) => {
      for (const value of graph.input ?? []) if (value.name === "past_key_values.0.key") value.name = "extra";
      for (const node of graph.node ?? [])
        node.input = (node.input ?? []).map((name) => (name === "past_key_values.0.key" ? "extra" : name));
    });
    await expect(renamed).rejects.toMatchObject(unloadable(/needs an input 'extra'/));
  });

  it("that are no models, or say nothing of themselves, are refused", async () => {
    const dir = await changeTinylm(() => undefined);
    dirs.push(dir);
    await writeFile(join(dir, "config.json"), "{}");
    await expect(openIn(dir)).rejects.toMatchObject({ code: "model_unloadable" });
    await writeFile(join(dir, "onnx", "model.onnx"), "not a model");
    await expect(openIn(dir)).rejects.toMatchObject({ code: "model_unloadable" });
  });
});
