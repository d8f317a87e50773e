import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { ModelManifest, ModelName } from "@infernet/schemas/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../cli/testing/run-command.ts";
import { lockHome } from "../identity/home-lock.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { decidePrune } from "./decide-prune.ts";
import { listKnownModels, rememberModel } from "./known-models.ts";
import { listModels } from "./list-models.ts";
import { pullModel } from "./pull-model.ts";
import { readCache, readLoaded } from "./read-cache.ts";
import { showProgress } from "./show-progress.ts";

const GLYPHS = ModelName.parse("glyphs");
const { signal } = new AbortController();
const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);
let home: string;
let edge: MemoryEdge;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-models-"));
  edge = new MemoryEdge();
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A model of these files, on the edge. */
async function addModel(name: string, files: string[]): Promise<Sha256> {
  const bytes = files.map(bytesOf);
  const manifest = ModelManifest.parse({
    engine: "onnx",
    entry: "0",
    files: await Promise.all(
      bytes.map(async (file, n) => ({ path: String(n), sha256: await sha256(file), bytes: file.length })),
    ),
    inputs: [{ name: "x", datatype: "UINT8", shape: [null] }],
    outputs: [{ name: "y", datatype: "UINT8", shape: [null] }],
  });
  const digest = await edge.addModel(manifest, bytes);
  edge.modelNames.set(ModelName.parse(name), digest);
  return digest;
}

const pull = (ref: ModelName | Sha256, onProgress = (_here: number, _all: number): void => undefined) =>
  pullModel(ref, { client: edge, home, bytes_max: 1_000_000, signal, onProgress });
const listing = async () =>
  listModels(await listKnownModels(home), await readCache(home), await readLoaded(home));

test("a model that is pulled by name is listed by it, with its size, and is not fetched twice", async () => {
  const digest = await addModel("glyphs", ["weights", "more"]);
  const seen: [number, number][] = [];
  await pull(GLYPHS, (here, all) => void seen.push([here, all]));
  await pull(digest);
  expect(seen.at(-1)).toEqual([11, 11]);
  expect(edge.fetched).toHaveLength(2);
  const { models, bytes } = await listing();
  expect(models).toMatchObject([
    { digest, names: ["glyphs"], bytes: 11, bytes_here: 11, files_here: 2, loaded: false },
  ]);
  expect(bytes).toBe(11);
  expect((await readdir(home)).sort()).toEqual(["cache", "manifests"]);
});

test("bytes that are not the model's never come into the cache", async () => {
  await addModel("glyphs", ["weights"]);
  const [digest] = [...edge.blobs.keys()];
  if (digest) edge.blobs.set(digest, bytesOf("garbage"));
  await expect(pull(GLYPHS)).rejects.toThrow("came with the sha256");
  expect(await readCache(home)).toEqual([]);
  expect(await readdir(home)).toEqual(["cache"]);
});

test("what a runner has loaded is said to be, and what belongs to no model is summed up", async () => {
  const digest = await addModel("glyphs", ["weights"]);
  await pull(GLYPHS);
  await mkdir(join(home, "models", `${digest}-0`), { recursive: true });
  await writeFile(join(home, "cache", await sha256(bytesOf("input"))), "input");
  const { models, others, bytes } = await listing();
  expect(models).toMatchObject([{ digest, loaded: true }]);
  expect({ others, bytes }).toEqual({ others: { blobs: 1, bytes: 5 }, bytes: 12 });
});

test("pruning takes what was used longest ago, and spares what a living runner may just be using", async () => {
  const blobs = await Promise.all(
    [1_000, 2_000, 990_000].map(async (used_ms) => ({
      sha256: await sha256(bytesOf(String(used_ms))),
      bytes: 10,
      used_ms,
    })),
  );
  const goes = (bytes_max: number, isLived: boolean): number[] =>
    decidePrune(blobs, bytes_max, { now_ms: 1_000_000, isLived }).map(({ used_ms }) => used_ms);
  expect(goes(30, false)).toEqual([]);
  expect(goes(15, false)).toEqual([1_000, 2_000]);
  expect(goes(0, false)).toEqual([1_000, 2_000, 990_000]);
  expect(goes(0, true)).toEqual([1_000, 2_000]);
});

test("the commands list, prune and remove, and leave what two models share until the last of them goes", async () => {
  const digest = await addModel("glyphs", ["shared", "own"]);
  await addModel("other", ["shared"]);
  await pull(GLYPHS);
  await pull(ModelName.parse("other"));
  const listed = await runCommand("models", "--home", home);
  expect(listed.stdout).toMatch(/glyphs +[0-9a-f]{12} +onnx +9 bytes/);
  expect(await runCommand("models", "rm", digest.slice(0, 8), "--home", home)).toMatchObject({ code: 0 });
  expect((await readCache(home)).map(({ bytes }) => bytes)).toEqual([6]);
  expect(await runCommand("models", "prune", "--max-bytes", "0", "--home", home, "--json")).toMatchObject({
    code: 0,
    stdout: '{"removed":1,"bytes":6}\n',
  });
  const absent = await runCommand("models", "rm", "glyphs", "--home", home);
  expect(absent).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no model here is called 'glyphs'"),
  });
});

test("a model that a living runner has loaded is not removed", async () => {
  const digest = await addModel("glyphs", ["weights"]);
  await pull(GLYPHS);
  await mkdir(join(home, "models", `${digest}-0`), { recursive: true });
  const lock = await lockHome(home);
  const refused = await runCommand("models", "rm", "glyphs", "--home", home);
  await lock.release();
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`process id ${process.pid}`) });
  expect(await readCache(home)).toHaveLength(1);
});

test("of too many remembered models the oldest is forgotten, and names outlive a repeat without any", async () => {
  const digest = await addModel("glyphs", ["weights"]);
  const { manifest } = await pull(GLYPHS);
  await rememberModel(home, { digest, names: [], manifest });
  expect((await listKnownModels(home))[0]?.names).toEqual(["glyphs"]);
  await utimes(join(home, "manifests", `${digest}.json`), 1, 1);
  for (let n = 0; n < 256; n++) {
    const path = join(home, "manifests", `${n.toString(16).padStart(64, "0")}.json`);
    await writeFile(path, JSON.stringify({ names: [], manifest }));
  }
  await rememberModel(home, { digest: await sha256(bytesOf("new")), names: [], manifest });
  const known = await listKnownModels(home);
  expect(known.length).toBeLessThanOrEqual(256);
  expect(known.map((model) => model.digest)).not.toContain(digest);
});

test("progress is one line on a terminal, and nothing elsewhere", () => {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  showProgress("glyphs", { write, isTTY: false }).show(1, 2);
  expect(written).toEqual([]);
  const progress = showProgress("glyphs", { write, isTTY: true }, () => 0);
  progress.show(512, 1_024);
  progress.show(600, 1_024);
  progress.show(1_024, 1_024);
  progress.end();
  expect(written.map((text) => text.replace("\r\u001b[K", ""))).toEqual([
    "glyphs  50 %  512 bytes of 1 KiB",
    "glyphs  100 %  1 KiB of 1 KiB",
    "",
  ]);
});
