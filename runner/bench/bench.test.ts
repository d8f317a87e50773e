import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256, sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { ModelManifest, ModelName } from "@infernet/schemas/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "../cli/testing/run-command.ts";
import { createEchoEngine } from "../engine/echo-engine.ts";
import { pullModel } from "../models/pull-model.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { benchModels } from "./bench-models.ts";
import { BenchmarkBook, readBenchmarks } from "./benchmark-book.ts";
import { measureSession } from "./measure-session.ts";
import { measureMemoryBandwidth } from "./memory-bandwidth.ts";

const CPU = ExecutionClass.parse("onnx/1/cpu/fp32");
const model = (n: number): Sha256 => Sha256.parse(n.toString(16).padStart(64, "0"));
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-bench-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("a model's speed is rows by time in the engine, is kept over a restart, and goes on from there", async () => {
  const book = await BenchmarkBook.open(home);
  book.note(model(1), CPU, 100, 50);
  book.note(model(1), CPU, 300, 150);
  await book.close();
  expect(await readBenchmarks(home)).toMatchObject([
    { model: model(1), rows_per_s: 2_000, ms_per_row: 0.5, rows: 400 },
  ]);
  const again = await BenchmarkBook.open(home);
  again.note(model(1), CPU, 400, 600);
  expect(again.list()).toMatchObject([{ rows_per_s: 1_000 }]);
  await again.close();
});

test("what is older counts half as much, and half of that again", async () => {
  const book = await BenchmarkBook.open(home);
  for (let n = 0; n < 20; n++) book.note(model(1), CPU, 1_000, 30_000);
  for (let n = 0; n < 20; n++) book.note(model(1), CPU, 1_000, 3_000);
  const [benchmark] = book.list();
  expect(benchmark?.ms_per_row).toBeGreaterThan(3);
  expect(benchmark?.ms_per_row).toBeLessThan(6);
  await book.close();
});

test("a book that is damaged begins anew, and of too many models the one that ran longest ago is forgotten", async () => {
  const book = await BenchmarkBook.open(home);
  for (let n = 0; n < 300; n++) book.note(model(n), CPU, 1, 1);
  await book.close();
  const kept = await readBenchmarks(home);
  expect(kept.map((one) => one.model)).toEqual(Array.from({ length: 256 }, (_, n) => model(299 - n)));
  await rm(join(home, "benchmarks.json"));
  expect(await readBenchmarks(home)).toEqual([]);
  expect(await readdir(home)).toEqual([]);
});

test("the first run of a session does not count: it pays for what comes only once", async () => {
  const noted: [number, number][] = [];
  let compute_ms = 1_000;
  const session = measureSession(
    {
      execution_class: CPU,
      run: async () => {
        const run = { outputs: [], compute_ms };
        compute_ms = 10;
        return run;
      },
      close: async () => undefined,
    },
    (rows, ms) => noted.push([rows, ms]),
  );
  const options = { timeout_ms: 1, signal: new AbortController().signal };
  for (let n = 0; n < 3; n++) await session.run([], 5, options);
  expect(noted).toEqual([
    [5, 10],
    [5, 10],
  ]);
});

test("models in the cache are measured by running them, and those that cannot be are said to be, each with why", async () => {
  const edge = new MemoryEdge();
  const add = async (name: string, inputs: ModelManifest["inputs"]) => {
    const file = new TextEncoder().encode(JSON.stringify({ echo: ["x"], row_ms: name === "fits" ? 1 : 2 }));
    const manifest = ModelManifest.parse({
      engine: "onnx",
      entry: "m",
      files: [{ path: "m", sha256: await sha256(file), bytes: file.length }],
      inputs,
      outputs: [{ name: "y", datatype: "UINT8", shape: [null, 2] }],
    });
    edge.modelNames.set(ModelName.parse(name), await edge.addModel(manifest, [file]));
    const { signal } = new AbortController();
    const onProgress = (): void => undefined;
    return pullModel(ModelName.parse(name), { client: edge, home, bytes_max: 1_000_000, signal, onProgress });
  };
  const fits = await add("fits", [{ name: "x", datatype: "UINT8", shape: [null, 2] }]);
  const open = await add("open", [{ name: "x", datatype: "BYTES", shape: [null] }]);
  const book = await BenchmarkBook.open(home);
  const { signal } = new AbortController();
  const engines = [createEchoEngine()];
  const onModel = (): void => undefined;
  const skipped = await benchModels([fits, open], { home, engines, book, signal, onModel });
  expect(skipped).toMatchObject([{ names: ["open"], reason: expect.stringContaining("Nobody knows") }]);
  const [measured] = book.list();
  expect(measured?.model).toBe(fits.digest);
  // The echo sleeps for a millisecond a row.
  expect(measured?.ms_per_row).toBeGreaterThanOrEqual(0.9);
  await book.close();
  expect((await readdir(home)).sort()).toEqual(["benchmarks.json", "cache", "manifests"]);
});

test("memory bandwidth counts what is read and what is written", () => {
  const times = [0, 1_000];
  expect(measureMemoryBandwidth(() => times.shift() ?? 0)).toBe(2 * 64 * 1024 ** 2);
});

const Report = z.looseObject({
  cores: z.looseObject({ cores: z.int().min(1) }),
  memory_bytes_per_s: z.int().min(1),
  models: z.array(z.unknown()),
});

test("the command measures a machine that has no model yet, and leaves nothing behind", async () => {
  const { code, stdout } = await runCommand("bench", "--home", home, "--json");
  expect(code).toBe(0);
  expect(Report.parse(JSON.parse(stdout)).models).toEqual([]);
  expect(await readdir(home)).toEqual([]);
});
