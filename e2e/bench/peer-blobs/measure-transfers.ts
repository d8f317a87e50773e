import { join } from "node:path";
import type { PeerHint } from "infernet-runner/p2p/blobs/peer-hint";
import { Cleanup } from "../../network/cleanup.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";
import type { Fetched } from "./machine-order.ts";
import { startMachine } from "./start-machine.ts";

const BYTES = 64 * 1024 ** 2;
const WARM_UP_BYTES = 4 * 1024 ** 2;
const RUNS = 5;

export interface Transfers {
  title: string;
  bytes: number;
  runs: Fetched[];
}

/** One blob of 64 MiB from machines in processes of their own, connections open: some of them honest, one perhaps not. */
export async function measureTransfers({ cleanup, say }: BenchContext): Promise<Transfers[]> {
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const machines = await Promise.all(["a", "b", "c"].map((name) => startMachine(join(path, name), cleanup)));
  const measured: Transfers[] = [];
  // What a liar sends are the bytes of the next seed.
  let seed = 1;
  for (const { title, honest, liars } of [
    { title: "three peers", honest: 3, liars: 0 },
    { title: "two peers", honest: 2, liars: 0 },
    { title: "one peer", honest: 1, liars: 0 },
    { title: "three peers, one of which sends wrong chunks", honest: 2, liars: 1 },
  ]) {
    const runs: Fetched[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      // Who was lied to once does not ask again: each run has a machine of its own.
      const own = new Cleanup();
      cleanup.add(() => own.run());
      const client = await startMachine(join(path, `client-${seed}`), own);
      const fetch = async (bytes: number, lying: number): Promise<Fetched> => {
        seed += 2;
        const hints: PeerHint[] = [];
        for (const [n, machine] of machines.slice(0, honest + liars).entries()) {
          const place = await machine.ask({ order: "hold", lies: n >= honest && lying > 0, seed, bytes });
          if ("runner" in place) hints.push(place);
        }
        const answer = await client.ask({ order: "fetch", hints, seed, bytes });
        if ("took_ms" in answer) return answer;
        throw new Error("the machine has fetched nothing");
      };
      // Opens the connections.
      await fetch(WARM_UP_BYTES, 0);
      runs.push(await fetch(BYTES, liars));
      await own.run();
    }
    say(`${runs.length} transfers from ${title}`);
    measured.push({ title, bytes: BYTES, runs });
  }
  return measured;
}
