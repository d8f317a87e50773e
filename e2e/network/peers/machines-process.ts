import { fileURLToPath } from "node:url";
import { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import { type Program, startProgram } from "../program.ts";

export interface MachinesOptions {
  name: string;
  /** GPU memory of each machine, in GiB. */
  vram_gib: readonly number[];
  /** Others to begin with; without any the first is the one that the others begin with. */
  bootstrap?: readonly PeerAddress[];
  /** How long a record holds, and how often it is made anew. */
  record_ms: number;
  renew_ms: number;
}

/** Machines that announce themselves from one process: SIGTERM has them leave, SIGKILL ends them without a word. */
export interface MachinesProcess {
  program: Program;
  ids: RunnerId[];
  /** Of the first. */
  addresses: PeerAddress[];
  /** Resolves when others keep the record of every one of them. */
  kept(): Promise<void>;
}

const MACHINES = fileURLToPath(new URL("./run-machines.ts", import.meta.url));
const Machine = z.object({ id: RunnerId, addresses: z.array(PeerAddress) });
const Kept = z.object({ id: RunnerId, holders: z.int() });

export async function startMachines(options: MachinesOptions): Promise<MachinesProcess> {
  const { name, vram_gib, bootstrap = [], record_ms, renew_ms } = options;
  const program = startProgram({
    ...{ name, file: MACHINES },
    args: [
      ...bootstrap.flatMap((address) => ["--bootstrap", address]),
      ...vram_gib.flatMap((gib) => ["--vram", String(gib)]),
      ...["--record-ms", String(record_ms), "--renew-ms", String(renew_ms)],
    ],
  });
  await program.waitFor("ready");
  const machines = program.lines
    .filter(({ event }) => event === "machine")
    .map((line) => Machine.parse(line));
  const keptOf = (id: RunnerId) =>
    program.waitFor("kept", (line) => {
      const kept = Kept.parse(line);
      return kept.id === id && kept.holders > 0;
    });
  return {
    program,
    ids: machines.map(({ id }) => id),
    addresses: machines[0]?.addresses ?? [],
    kept: async () => void (await Promise.all(machines.map(({ id }) => keptOf(id)))),
  };
}
