import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { Cleanup } from "../network/cleanup.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { findFaults } from "./find-faults.ts";
import { startSettlementNetwork } from "./settlement-network.ts";
import { finishPayouts, workAndWithdraw } from "./work-and-withdraw.ts";

/**
 * `npm run soak:settlement -- --kills 50 --seed 1`: machines earn from an escrow and have it sent, while the edge is killed
 * with SIGKILL at random moments. In the end the chain must have paid everybody what the receipts say, once.
 */

const KILL_AFTER_MS_MAX = 1_500;

const { values } = parseArgs({
  options: { kills: { type: "string", default: "50" }, seed: { type: "string", default: "1" } },
});
const kills = Number(values.kills);
const random = seededRandom(Number(values.seed));
const cleanup = new Cleanup();
const stop = createStop(cleanup);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void stop(130));

const network = await startSettlementNetwork(cleanup);
console.log(`seed ${values.seed}: killing the edge ${kills} times while it settles`);
for (let n = 0; n < kills; n += 1) {
  const work = workAndWithdraw(network, n);
  await delay(random() * KILL_AFTER_MS_MAX);
  await network.killEdge();
  await work;
  if ((n + 1) % 10 === 0) console.log(`  ${n + 1} kills`);
}
await finishPayouts(network);
const { faults, paid_micro, payments } = await findFaults(network);
console.log(
  `${kills} kills, ${network.jobs.length} jobs, ${payments} releases on the chain, ${paid_micro} micro-units paid, ${faults.length} faults`,
);
for (const fault of faults) console.log(`  ${fault}`);
await stop(faults.length === 0 ? 0 : 1);
