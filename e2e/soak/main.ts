import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { z } from "zod";
import { uploadTinyModel } from "../live/tiny-job.ts";
import { Cleanup } from "../network/cleanup.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { until } from "../network/until.ts";
import { startWebhookReceiver } from "../network/webhook-receiver.ts";
import { computeReference, findFault, submitJobs } from "./soak-jobs.ts";
import { startSoakNetwork } from "./soak-network.ts";

/**
 * `npm run soak -- --seconds 120 --seed 1 --on workerd`: jobs go in all the time while the edge and the runners are killed with
 * SIGKILL. Every job must succeed with the right result, exist once, and tell its webhook under one id.
 */

const KILL_PAUSE_MS_MIN = 2_000;
const KILL_PAUSE_MS_SPREAD = 4_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "120" },
    seed: { type: "string", default: "1" },
    on: { type: "string", default: "workerd" },
  },
});
const random = seededRandom(Number(values.seed));
const cleanup = new Cleanup();
const stop = createStop(cleanup);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void stop(130));

const receiver = await startWebhookReceiver();
cleanup.add(receiver.close);
const network = await startSoakNetwork(cleanup, z.enum(["workerd", "node"]).parse(values.on));
await uploadTinyModel(network.client);
const reference = await computeReference(network.client);
console.log(`seed ${values.seed}: killing for ${values.seconds} s`);

const end_ms = Date.now() + Number(values.seconds) * 1_000;
const submitting = submitJobs(network.client, receiver.url, random, end_ms);
const kills = { edge: 0, runner: 0 };
while (Date.now() < end_ms) {
  await delay(KILL_PAUSE_MS_MIN + random() * KILL_PAUSE_MS_SPREAD);
  kills[await network.killOne(random)] += 1;
}
const jobs = await submitting;

const faults: string[] = [];
for (const id of jobs) {
  const fault = await findFault(network.client, id, reference);
  if (fault !== null) faults.push(fault);
}
if (new Set(jobs).size !== jobs.length) faults.push("two requests made one job");
const told = () => Map.groupBy(receiver.received, ({ body }) => String(JSON.parse(body).data.job_id));
await until("the webhook of every job", async () => (told().size >= jobs.length ? true : null), 60_000).catch(
  (error: unknown) => faults.push(String(error)),
);
for (const [job, webhooks] of told()) {
  if (new Set(webhooks.map(({ headers }) => headers.id)).size > 1)
    faults.push(`${job} was told under two ids`);
}

const { length } = jobs;
console.log(
  `${length} jobs, ${kills.edge} kills of the edge, ${kills.runner} of a runner, ${faults.length} faults`,
);
for (const fault of faults) console.log(`  ${fault}`);
await stop(faults.length === 0 ? 0 : 1);
