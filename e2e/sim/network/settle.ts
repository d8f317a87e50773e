import { decideDrawn, needsDraw } from "@infernet/protocol/drawn-fact";
import { decideEnd, type JobEnd } from "@infernet/protocol/job-end";
import { isOpen } from "@infernet/protocol/job-progress";
import { refundFor } from "@infernet/protocol/settlement";
import { renderWorkEvents } from "@infernet/protocol/work-event";
import type { Problem } from "@infernet/schemas/problem";
import { countDelivered } from "../count-wrong.ts";
import { findDrawSource } from "./draw-source.ts";
import { record } from "./record.ts";
import { recordEvent } from "./report-convictions.ts";
import type { Sim } from "./sim.ts";
import { RESULT, type SimJob } from "./sim-job.ts";

/** How long changes of a job are gathered before it is looked at, in ms: less than a message takes. */
const GATHER_MS = 25;

/** After any change: looks at the job once for all the changes of a moment. */
export function settleSoon(sim: Sim, job: SimJob): void {
  if (job.isSettling) return;
  job.isSettling = true;
  sim.clock.at(sim.clock.now_ms + GATHER_MS, () => {
    job.isSettling = false;
    settle(sim, job);
  });
}

/** Ends the job, or its recall, if it is over, and draws the checks that it needs now. */
function settle(sim: Sim, job: SimJob): void {
  for (;;) {
    const end = decideEnd(job.progress, sim.clock.now_ms, job.deadline_ms);
    if (end !== null) {
      endJob(sim, job, end);
      return;
    }
    if (!isOpen(job.progress) || !needsDraw(job.progress, sim.clock.now_ms)) return;
    const fact = decideDrawn(job.progress, findDrawSource(sim), sim.clock.now_ms);
    if (fact === null) return;
    record(sim, job, fact);
  }
}

function endJob(sim: Sim, job: SimJob, end: JobEnd): void {
  const now_ms = sim.clock.now_ms;
  switch (end.kind) {
    case "complete":
      record(sim, job, { kind: "succeeded", result: RESULT });
      job.delivered_ms = now_ms;
      sim.tally.job_ms_max = Math.max(sim.tally.job_ms_max, now_ms - job.posted_ms);
      countDelivered(sim, job);
      break;
    case "recall_over":
      if (end.shards.length === 0) record(sim, job, { kind: "upheld" });
      else {
        const refund_micro = refundFor(job.progress, job.price, end.shards).toString();
        record(sim, job, { kind: "revoked", shards: end.shards, result: RESULT, refund_micro });
      }
      break;
    case "failed":
    case "expired":
      sim.tally.jobs_failed += 1;
      record(sim, job, { kind: end.kind, error: problemOf(end.code, end.detail) });
      break;
    default:
      end satisfies never;
  }
  tellLedgers(sim, job);
}

const problemOf = (code: string, detail: string): Problem =>
  ({ type: "about:blank", title: code, status: 500, code, detail }) as unknown as Problem;

/** Every provider's ledger learns what it did; after a recall, again. */
function tellLedgers(sim: Sim, job: SimJob): void {
  for (const [runner, event] of renderWorkEvents(job.progress, job.price, sim.clock.now_ms))
    recordEvent(sim, runner, event);
}
