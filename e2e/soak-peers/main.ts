import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { Cleanup } from "../network/cleanup.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { until } from "../network/until.ts";
import { DISASTERS, type Disaster, startPeersNetwork } from "./peers-network.ts";

/**
 * `npm run soak:peers -- --seconds 180 --machines 10 --seed 1`: machines and relays are killed with SIGKILL and begin again, or stand
 * still for seconds. After each, every machine must be found within a minute; none may end by itself, or take more memory than
 * the bound.
 */

const FIND_MS_MAX = 60_000;
const RESIDENT_MIB_MAX = 400;
const PAUSE_MS_MAX = 5_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "180" },
    machines: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const random = seededRandom(Number(values.seed));
const cleanup = new Cleanup();
const stop = createStop(cleanup);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void stop(130));

const network = await startPeersNetwork(cleanup, Number(values.machines));
await until("all machines to be found", network.findsAll, FIND_MS_MAX);
console.log(`seed ${values.seed}: ${values.machines} machines, ${values.seconds} s`);

const end_ms = Date.now() + Number(values.seconds) * 1_000;
const tally = Object.fromEntries(DISASTERS.map((disaster) => [disaster, 0])) as Record<Disaster, number>;
const faults: string[] = [];
const found_ms: number[] = [];
let resident_mib = 0;
while (Date.now() < end_ms && faults.length === 0) {
  await delay(random() * PAUSE_MS_MAX);
  const disaster = DISASTERS[Math.floor(random() * DISASTERS.length)] ?? "kill";
  await network.strike(disaster, random);
  tally[disaster] += 1;
  const started = performance.now();
  await until(`all machines to be found after ${disaster}`, network.findsAll, FIND_MS_MAX).catch(
    (error: unknown) => faults.push(String(error)),
  );
  found_ms.push(performance.now() - started);
  faults.push(...network.ended());
  resident_mib = Math.max(resident_mib, network.residentMib());
  if (resident_mib > RESIDENT_MIB_MAX) faults.push(`a machine takes ${Math.round(resident_mib)} MiB`);
}

const told = DISASTERS.map((disaster) => `${tally[disaster]} × ${disaster}`).join(", ");
const slowest_s = (Math.max(...found_ms) / 1_000).toFixed(1);
console.log(`${told}; all found again after ${slowest_s} s at most; ${Math.round(resident_mib)} MiB at most`);
console.log(`${network.libraryFaults()} uncaught errors of the library outlived, ${faults.length} faults`);
for (const fault of faults) console.log(`  ${fault}`);
await stop(faults.length === 0 ? 0 : 1);
