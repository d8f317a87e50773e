import { applyFactTo } from "@infernet/protocol/apply-fact";
import { countReady } from "@infernet/protocol/lease-rules";
import type { JobFact } from "@infernet/schemas/job-fact";
import type { Draw, Verdict } from "@infernet/schemas/verification";
import { wake, wakeSome } from "./dispatch.ts";
import { reportConvictions } from "./report-convictions.ts";
import { machineOf, type Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** Folds a fact in, and tells everybody whom it concerns: drawn machines, idle ones, the ledgers of the convicted. */
export function record(sim: Sim, job: SimJob, fact: JobFact): void {
  applyFactTo(job.draft, fact, job.progress.seq + 1, sim.clock.now_ms);
  switch (fact.kind) {
    case "leased":
      job.ready = countReady(job.progress);
      return;
    case "committed":
    case "drawn":
      wakeDrawn(sim, fact.draws);
      if (fact.verdicts.length > 0 || fact.kind === "drawn") offer(sim, job);
      judge(sim, job, fact.verdicts);
      return;
    default:
      offer(sim, job);
  }
}

function wakeDrawn(sim: Sim, draws: readonly Draw[]): void {
  for (const { runners } of draws) for (const runner of runners) wake(sim, machineOf(sim, runner));
}

/** Idle machines come for what is ready. */
export function offer(sim: Sim, job: SimJob): void {
  job.ready = countReady(job.progress);
  if (job.ready > 0) wakeSome(sim, job.ready + SPARE);
}

/** Woken beside as many as there are shards: some may not be given any. */
const SPARE = 3;

function judge(sim: Sim, job: SimJob, verdicts: readonly Verdict[]): void {
  if (verdicts.some(({ answer, check }) => [answer.ruling, check.ruling].includes("convicted")))
    reportConvictions(sim, job);
}
