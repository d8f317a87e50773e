import type { RunnerId } from "@infernet/schemas/ids";
import { expect, test, vi } from "vitest";
import { openAsker } from "../bench/peers/open-asker.ts";
import { timeFind } from "../bench/peers/time-find.ts";
import { Cleanup } from "../network/cleanup.ts";
import { type MachinesProcess, startMachines } from "../network/peers/machines-process.ts";

const PATIENCE = { timeout: 45_000, interval: 500 };
const TIMES = { record_ms: 12_000, renew_ms: 3_000 };

test("machines in processes of their own are found, but for those that left, and in time for those that were killed", async () => {
  const cleanup = new Cleanup();
  const start = async (name: string, bootstrap: readonly string[]): Promise<MachinesProcess> => {
    const machines = await startMachines({ name, vram_gib: [12, 24, 80], bootstrap, ...TIMES });
    cleanup.add(() => machines.program.kill());
    return machines;
  };
  try {
    const stays = await start("stays", []);
    const leaves = await start("leaves", stays.addresses);
    const dies = await start("dies", stays.addresses);
    const asker = await openAsker(stays.addresses);
    cleanup.add(() => asker.close());
    const found = async (): Promise<RunnerId[]> => {
      const { found } = await timeFind(asker, { engine: "onnx", vram_gib_min: 12 }, new Set(), 20_000);
      return [...found].toSorted();
    };
    const idsOf = (...all: MachinesProcess[]): RunnerId[] => all.flatMap(({ ids }) => ids).toSorted();

    await vi.waitFor(async () => expect(await found()).toEqual(idsOf(stays, leaves, dies)), PATIENCE);
    expect(await leaves.program.stop()).toBe(0);
    expect(await found()).toEqual(idsOf(stays, dies));
    await dies.program.kill();
    expect(await found()).toEqual(expect.arrayContaining(stays.ids));
    await vi.waitFor(async () => expect(await found()).toEqual(idsOf(stays)), PATIENCE);
  } finally {
    await cleanup.run();
  }
});
