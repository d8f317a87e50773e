import { type MachinesProcess, startMachines } from "../../network/peers/machines-process.ts";
import type { BenchContext } from "../bench-part.ts";

export interface NetworkSize {
  processes: number;
  machines_each: number;
  record_ms: number;
  renew_ms: number;
}

/** Cards of the machines in turn: classes from 12 GiB upwards. */
const CARDS_GIB = [12, 16, 24, 48, 80];

/** Machines that have all announced themselves, in processes of several each. */
export async function startNetwork(
  { cleanup, say }: BenchContext,
  size: NetworkSize,
): Promise<MachinesProcess[]> {
  const { processes, machines_each, record_ms, renew_ms } = size;
  const vram_gib = Array.from({ length: machines_each }, (_, i) => CARDS_GIB[i % CARDS_GIB.length] ?? 0);
  const network: MachinesProcess[] = [];
  const started = performance.now();
  for (let n = 0; n < processes; n++) {
    const bootstrap = network[0]?.addresses ?? [];
    const machines = await startMachines({ name: `machines ${n}`, vram_gib, bootstrap, record_ms, renew_ms });
    cleanup.add(() => machines.program.kill());
    network.push(machines);
  }
  await Promise.all(network.map((machines) => machines.kept()));
  const s = ((performance.now() - started) / 1_000).toFixed(0);
  say(`${processes * machines_each} machines in ${processes} processes, all announced after ${s} s`);
  return network;
}
