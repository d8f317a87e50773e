import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { Capability } from "@infernet/schemas/runner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEchoEngine } from "../engine/echo-engine.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { describeCapability } from "./capability.ts";
import { readBandwidth, writeBandwidth } from "./network/bandwidth-file.ts";
import { measureBandwidth } from "./network/measure-bandwidth.ts";
import { rememberGpus } from "./remember-gpus.ts";

const GPU = { name: "any", vram_bytes: 8 * 1024 ** 3, uuid: "GPU-1" };
const EDGE = "https://edge.example";
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-hardware-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("a capability tells what was found and measured, and nothing that names this very hardware", async () => {
  await rememberGpus(home, Date.now(), async () => ({ gpus: [GPU] }));
  await writeBandwidth(home, { edge: EDGE, at_ms: 1, down_bytes_per_s: 1_000, up_bytes_per_s: 100 });
  const told = Capability.parse(
    await describeCapability([createEchoEngine()], { home, edge: EDGE, asking: "7" }),
  );
  expect(told).toMatchObject({
    gpus: [{ name: "any", vram_bytes: 8 * 1024 ** 3 }],
    network: { down_bytes_per_s: 1_000, up_bytes_per_s: 100 },
    asking_micro_per_core_hour: "7",
  });
  expect(JSON.stringify(told)).not.toContain("GPU-1");
});

test("GPUs are looked for once a day: until then a start does not wait for drivers", async () => {
  let looks = 0;
  const detect = async () => ({ gpus: [{ ...GPU, vram_bytes: ++looks }] });
  const day_ms = LIMITS.hardware_age_ms_max;
  const seen = [];
  for (const now_ms of [1, day_ms, day_ms + 2]) seen.push(await rememberGpus(home, now_ms, detect));
  expect(seen.map(([gpu]) => gpu?.vram_bytes)).toEqual([1, 1, 2]);
});

test("what cannot be read as remembered, or is of another start of the machine, is looked for anew", async () => {
  const path = join(home, "hardware.json");
  const detect = async () => ({ gpus: [GPU] });
  await writeFile(path, "{ half");
  expect(await rememberGpus(home, 1, detect)).toEqual([GPU]);
  const text = await readFile(path, "utf8");
  await writeFile(path, JSON.stringify({ ...JSON.parse(text), boot: "another", gpus: [] }));
  expect(await rememberGpus(home, 1, detect)).toEqual([GPU]);
});

test("bandwidth is bytes by the time that they took, and holds for the edge it was measured against", async () => {
  const clock = [0, 500, 500, 2_500];
  const { signal } = new AbortController();
  const measured = await measureBandwidth(new MemoryEdge(), signal, () => clock.shift() ?? 0);
  const bytes = LIMITS.bandwidth_probe_bytes;
  expect(measured).toEqual({ down_bytes_per_s: 2 * bytes, up_bytes_per_s: bytes / 2 });
  await writeBandwidth(home, { edge: EDGE, at_ms: 1, ...measured });
  expect(await readBandwidth(home, EDGE)).toMatchObject(measured);
  expect(await readBandwidth(home, "https://other.example")).toBeNull();
});
