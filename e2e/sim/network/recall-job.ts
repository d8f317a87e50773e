import type { RunnerId } from "@infernet/schemas/ids";
import { setAlarm } from "./alarm.ts";
import type { Recalled } from "./ledger.ts";
import { record } from "./record.ts";
import { settleSoon } from "./settle.ts";
import type { Sim } from "./sim.ts";

/** Has a finished job check again what a provider did in it that was convicted elsewhere. Once for each. */
export function recallJob(sim: Sim, runner: RunnerId, { job: job_id, ...why }: Recalled): void {
  const job = sim.jobs.find(({ plan }) => plan.job_id === job_id);
  if (job === undefined || job.progress.state !== "succeeded" || job.progress.convicted.has(runner)) return;
  sim.tally.recalls += 1;
  record(sim, job, { kind: "recalled", runner, ...why });
  setAlarm(sim, job);
  settleSoon(sim, job);
}
