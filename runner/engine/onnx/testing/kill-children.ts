import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { Lease } from "@infernet/schemas/runner";
import { createRunner } from "../../../runner.ts";
import { MemoryEdge } from "../../../transport/memory-edge.ts";
import { ChildSession } from "../../child/child-session.ts";
import type { Engine } from "../../engine.ts";

const GLYPHS = new URL("../../../../e2e/fixtures/glyphs/", import.meta.url);
const ROWS = 256;
const IMAGE_BYTES = 784;

/** Shards that wait while a child dies: the engine always has one in its hands. */
const OFFERED_AHEAD = 12;
const KILL_PAUSE_MS_MAX = 50;
const LOOK_MS = 5;

export interface KillReport {
  kills: number;
  shards: number;
  /** Shards that came to anything but outputs. */
  lost: { code: string; detail: string }[];
}

/**
 * Lets a real runner compute for an edge in memory and kills the process of its engine, again and again, while it computes.
 * Resolves when every shard that was offered has come to something.
 */
export async function killChildren(
  home: string,
  engine: Engine,
  kills: number,
  random: () => number,
): Promise<KillReport> {
  const edge = new MemoryEdge();
  let session: ChildSession | undefined;
  const watched: Engine = {
    offer: engine.offer,
    load: async (manifest, dir) => {
      const loaded = await engine.load(manifest, dir);
      if (loaded instanceof ChildSession) session = loaded;
      return loaded;
    },
  };
  const runner = await createRunner({
    edge: "memory:",
    home,
    engines: [watched],
    log: () => undefined,
    connect: ({ id }) => {
      edge.runner_id = id;
      return edge;
    },
  });
  const ended = runner.run();
  const lease = await prepareLease(edge);
  let offered = 0;
  const keepOffered = (): void => {
    for (; offered < edge.results.length + OFFERED_AHEAD; offered++) edge.offer(lease);
  };
  const killed = new Set<number>();
  let doneBefore = 0;
  while (killed.size < kills) {
    keepOffered();
    await sleep(LOOK_MS);
    const done = edge.results.length;
    // Each process gets a shard done, so that no shard meets more kills than it is begun anew for.
    if (done === doneBefore) continue;
    await sleep(random() * KILL_PAUSE_MS_MAX);
    keepOffered();
    const { isLoaded = false, pid } = session ?? {};
    if (!isLoaded || pid === undefined || killed.has(pid)) continue;
    process.kill(pid, "SIGKILL");
    killed.add(pid);
    doneBefore = edge.results.length;
  }
  while (edge.results.length < offered) await sleep(LOOK_MS);
  runner.drain();
  await ended;
  const lost = edge.results.flatMap((result) => {
    if (result.outcome === "done") return [];
    return [result.outcome === "failed" ? result : { code: result.outcome, detail: "" }];
  });
  return { kills: killed.size, shards: offered, lost };
}

async function prepareLease(edge: MemoryEdge): Promise<Pick<Lease, "model" | "rows" | "inputs">> {
  const file = new Uint8Array(await readFile(fileURLToPath(new URL("model.onnx", GLYPHS))));
  const images = new Uint8Array(await readFile(fileURLToPath(new URL("test-images.u8", GLYPHS))));
  const manifest = ModelManifest.parse({
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: await sha256(file), bytes: file.length }],
    inputs: [{ name: "images", datatype: "FP32", shape: [null, 1, 28, 28] }],
    outputs: [{ name: "logits", datatype: "FP32", shape: [null, 35] }],
  });
  const model = await edge.addModel(manifest, [file]);
  const data = images.slice(0, ROWS * IMAGE_BYTES);
  return {
    model,
    rows: [{ start: 0, count: ROWS }],
    inputs: [{ name: "images", datatype: "UINT8", shape: [ROWS, 1, 28, 28], data }],
  };
}
