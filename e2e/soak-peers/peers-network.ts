import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { createIdentity } from "infernet-runner/identity/identity";
import { openDiscovery } from "infernet-runner/p2p/discovery/open-discovery";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { z } from "zod";
import { treeUse } from "../bench/process-use.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type Program, startProgram } from "../network/program.ts";
import { createTempFolder } from "../network/temp-folder.ts";

/** `stand`: a process stands still for some seconds, and goes on. */
export const DISASTERS = ["kill", "relay", "stand"] as const;
export type Disaster = (typeof DISASTERS)[number];

export interface PeersNetwork {
  strike(disaster: Disaster, random: () => number): Promise<void>;
  /** True once somebody who has just come finds all machines; null before. */
  findsAll(): Promise<true | null>;
  /** Processes that have ended by themselves, one sentence each. */
  ended(): string[];
  /** Of the largest of them. */
  residentMib(): number;
  /** Errors that the library threw where nobody could catch them. */
  libraryFaults(): number;
}

interface Member {
  name: string;
  program: Program;
  id: RunnerId;
  addresses: PeerAddress[];
  isDown: boolean;
}

const MACHINE = fileURLToPath(new URL("../network/peers/run-crowd.ts", import.meta.url));
const Listening = z.looseObject({ ids: z.array(RunnerId).min(1), addresses: z.array(PeerAddress) });
const RELAYS = 2;
const STAND_MS_MAX = 8_000;
const FIND_MS_MAX = 10_000;
const MIB = 1024 ** 2;

/** Two relays, and machines that begin with both and announce themselves: each in a process of its own, with a home that lasts. */
export async function startPeersNetwork(cleanup: Cleanup, machines: number): Promise<PeersNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  let libraryFaults = 0;

  async function start(name: string, args: readonly string[]): Promise<Member> {
    const home = join(folder.path, name);
    const program = startProgram({ name, file: MACHINE, args: ["--home", home, ...args] });
    cleanup.add(program.kill);
    const { ids, addresses } = Listening.parse(await program.waitFor("listening"));
    const [id] = ids;
    if (id === undefined) throw new Error(`${name} has no id`);
    return { name, program, id, addresses, isDown: false };
  }

  const relays: Member[] = [];
  for (let n = 0; n < RELAYS; n += 1) relays.push(await start(`relay-${n}`, ["--relay"]));
  const bootstrap = relays.flatMap(({ addresses }) => addresses);
  const begin = bootstrap.flatMap((address) => ["--bootstrap", address]);
  const members: Member[] = [];
  for (let n = 0; n < machines; n += 1) members.push(await start(`machine-${n}`, begin));

  async function restart(list: Member[], n: number, args: readonly string[]): Promise<void> {
    const old = list[n];
    if (old === undefined) return;
    old.isDown = true;
    await old.program.kill();
    libraryFaults += faultsOf(old);
    list[n] = await start(old.name, args);
  }

  return {
    strike: async (disaster, random) => {
      const any = (list: readonly Member[]): number => Math.floor(random() * list.length);
      switch (disaster) {
        case "kill":
          return restart(members, any(members), begin);
        case "relay": {
          const n = any(relays);
          const listen = (relays[n]?.addresses ?? []).map((address) => address.replace(/\/p2p\/.*$/, ""));
          return restart(relays, n, ["--relay", ...listen.flatMap((address) => ["--listen", address])]);
        }
        case "stand": {
          const all = [...members, ...relays];
          const pid = all[any(all)]?.program.pid ?? 0;
          process.kill(pid, "SIGSTOP");
          await delay(random() * STAND_MS_MAX);
          process.kill(pid, "SIGCONT");
          return;
        }
        default:
          throw new Error(`there is no disaster ${disaster satisfies never}`);
      }
    },
    findsAll: async () => {
      const node = await createPeerNode({ identity: createIdentity(), listen: [], bootstrap });
      try {
        const signal = AbortSignal.timeout(FIND_MS_MAX);
        if (!(await node.joined(signal))) return null;
        const { find } = await openDiscovery(node);
        const missing = new Set(members.map(({ id }) => id));
        for await (const { signed } of find({ engine: "onnx" }, { signal })) {
          missing.delete(signed.record.runner);
          if (missing.size === 0) return true;
        }
        return null;
      } finally {
        await node.stop();
      }
    },
    ended: () =>
      [...members, ...relays].flatMap(({ name, program, isDown }) =>
        isDown || isRunning(program.pid) ? [] : [`${name} has ended by itself:\n${program.text()}`],
      ),
    residentMib: () =>
      Math.max(...[...members, ...relays].map(({ program }) => treeUse(program.pid).resident_bytes / MIB)),
    libraryFaults: () =>
      [...members, ...relays].reduce((sum, member) => sum + faultsOf(member), libraryFaults),
  };
}

const faultsOf = ({ program }: Member): number =>
  program.lines.filter(({ event }) => event === "library_fault").length;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
