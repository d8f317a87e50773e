import { join } from "node:path";
import type { PeerHint } from "infernet-runner/p2p/blobs/peer-hint";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";
import type { Fetched } from "./machine-order.ts";
import { startMachine } from "./start-machine.ts";

const BYTES = 64 * 1024 ** 2;
const RUNS = 7;

export interface Transfers {
  title: string;
  bytes: number;
  runs: Fetched[];
}

/** One blob of 64 MiB from machines in processes of their own, connections open: some of them honest, one perhaps not. */
export async function measureTransfers({ cleanup, say }: BenchContext): Promise<Transfers[]> {
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const client = await startMachine(join(path, "client"), cleanup);
  const machines = await Promise.all(["a", "b", "c"].map((name) => startMachine(join(path, name), cleanup)));
  const measured: Transfers[] = [];
  let seed = 1;
  for (const { title, honest, liars } of [
    { title: "three peers", honest: 3, liars: 0 },
    { title: "two peers", honest: 2, liars: 0 },
    { title: "one peer", honest: 1, liars: 0 },
    { title: "three peers, one of which sends wrong chunks", honest: 2, liars: 1 },
  ]) {
    const runs: Fetched[] = [];
    for (let run = 0; run <= RUNS; run += 1) {
      // The next one's bytes are a liar's.
      seed += 2;
      const wanted = { seed, bytes: BYTES };
      const hints: PeerHint[] = [];
      for (const [n, machine] of machines.slice(0, honest + liars).entries()) {
        const place = await machine.ask({ order: "hold", lies: n >= honest, ...wanted });
        if ("runner" in place) hints.push(place);
      }
      const fetched = await client.ask({ order: "fetch", hints, ...wanted });
      // The first run opens connections and is not counted.
      if ("took_ms" in fetched && (run > 0 || liars > 0)) runs.push(fetched);
      // A liar is left alone from then on.
      if (liars > 0) break;
    }
    say(`${runs.length} transfers from ${title}`);
    measured.push({ title, bytes: BYTES, runs });
  }
  return measured;
}
