import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { killChildren } from "./testing/kill-children.ts";
import { tryModel, tryMutations } from "./testing/try-mutations.ts";
import { makeVictims } from "./testing/victims.ts";

/** A sample: `npm run soak:engine` tries many more. */
const MODELS = 30;
const KILLS = 6;

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.info(`seed ${seed}; SEED=${seed} repeats it`);
const random = seededRandom(seed);
const { best } = await findBestSandbox();
const engine = await createOnnxEngine({ sandbox: best, threads: 1, memory_bytes_max: 2 ** 30 });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-robust-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("the onnx engine", { timeout: 180_000 }, () => {
  it("answers for every damaged model with a result or a reason, and runs a sound one afterwards", async () => {
    const victims = await makeVictims(dir);
    const tally = await tryMutations({ engine, dir, models: MODELS, at_once: 3, random, victims });
    expect(Object.values(tally).reduce((sum, count) => sum + count, 0)).toBe(MODELS);
    expect(tally.model_unloadable).toBeGreaterThan(0);
    expect(tally.computed).toBeGreaterThan(0);
    const [sound] = victims;
    expect(await tryModel(engine, sound, sound.bytes, join(dir, "sound"))).toBe("computed");
  });

  it("loses no shard when something kills its process while it computes, time and again", async () => {
    const { kills, lost } = await killChildren(join(dir, "home"), engine, KILLS, random);
    expect(kills).toBe(KILLS);
    expect(lost).toEqual([]);
  });
});
