import { isOpen } from "@infernet/protocol/job-progress";
import { decideExpiries } from "@infernet/protocol/lease-expiry";
import { listDrawn, listSlow } from "@infernet/protocol/lease-rules";
import { LIMITS } from "@infernet/schemas/limits";
import { wake, wakeSome } from "./dispatch.ts";
import { offer, record } from "./record.ts";
import { settleSoon } from "./settle.ts";
import { isReachable, machineOf, type Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** Looks at a job as long as it is open: what time alone brings about. */
export function setAlarm(sim: Sim, job: SimJob): void {
  if (job.hasAlarm) return;
  job.hasAlarm = true;
  sim.clock.at(sim.clock.now_ms + LIMITS.reoffer_ms, () => {
    job.hasAlarm = false;
    if (!isOpen(job.progress)) return;
    sweep(sim, job);
    setAlarm(sim, job);
  });
}

function sweep(sim: Sim, job: SimJob): void {
  const now_ms = sim.clock.now_ms;
  const expired = decideExpiries(job.progress, now_ms, (lease) => {
    const machine = machineOf(sim, lease.runner);
    // A machine that can be reached renews what it holds by heartbeats.
    if (!machine.holds.has(lease.id)) return lease.expires_ms;
    return isReachable(sim, machine)
      ? now_ms + 1
      : Math.max(lease.expires_ms, machine.silent_since_ms + LIMITS.lease_ms_default);
  });
  for (const fact of expired) record(sim, job, fact);
  job.slow = listSlow(job.progress, now_ms, job.deadline_ms).length;
  offer(sim, job);
  for (const runner of listDrawn(job.progress)) wake(sim, machineOf(sim, runner));
  if (job.ready === 0 && job.slow > 0) wakeSome(sim, job.slow);
  settleSoon(sim, job);
}
