import type { Capability } from "@infernet/schemas/runner";
import { describe, expect, it } from "vitest";
import { enginesWantedOf } from "../cli/open-engines-of.ts";
import { runnerOptionsOf } from "../cli/runner-options.ts";
import { machineMemory } from "../hardware/machine/machine-memory.ts";
import { limitCapability, runningMax } from "./limit-capability.ts";
import { loadSettings } from "./load-settings.ts";

const machine: Capability = {
  engines: [{ engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" }],
  memory_bytes: 1_001,
  cpu_cores: 8,
  gpus: [{ name: "card", vram_bytes: 1_001 }],
};
const settingsOf = async (env: Record<string, string>) =>
  (await loadSettings({ home: "/nowhere", env })).values;

describe("what an owner gives of a machine", () => {
  it("is all of it when nothing is said", async () => {
    const values = await settingsOf({});
    expect(limitCapability(machine, runnerOptionsOf(values).limits ?? {})).toEqual(machine);
    expect(enginesWantedOf("/nowhere", values).memory_bytes_max).toBeNull();
    expect(runningMax({})).toBeUndefined();
  });

  it("is what it offers, and never more than there is", async () => {
    const { limits = {} } = runnerOptionsOf(
      await settingsOf({
        INFERNET_LIMITS_CORES: "2",
        INFERNET_LIMITS_MEMORY_SHARE: "0.5",
        INFERNET_LIMITS_VRAM_SHARE: "0.25",
      }),
    );
    expect(limitCapability(machine, limits)).toMatchObject({
      memory_bytes: 500,
      cpu_cores: 2,
      gpus: [{ vram_bytes: 250 }],
    });
    expect(limitCapability(machine, { cores: 64 }).cpu_cores).toBe(8);
  });

  it("is what engines get: a part of the memory, and threads within the cores", async () => {
    const values = await settingsOf({ INFERNET_LIMITS_CORES: "3", INFERNET_LIMITS_MEMORY_SHARE: "0.5" });
    expect(enginesWantedOf("/nowhere", values)).toMatchObject({
      threads: 3,
      memory_bytes_max: Math.floor(machineMemory() / 2),
    });
    expect([
      runningMax({ cores: 3 }),
      runningMax({ cores: 8, threads: 3 }),
      runningMax({ cores: 1, threads: 4 }),
    ]).toEqual([1, 2, 1]);
  });
});
