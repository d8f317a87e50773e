import { renderConvictions } from "@infernet/protocol/work-event";
import type { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { createMember } from "../fleet/create-fleet.ts";
import type { Machine } from "../fleet/machine.ts";
import { wake } from "./dispatch.ts";
import { addEvent, createLedger, isBanned, type Ledger, listRecalled } from "./ledger.ts";
import { recallJob } from "./recall-job.ts";
import { machineOf, type Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** Tells the ledgers of those whom a job has newly found wrong. */
export function reportConvictions(sim: Sim, job: SimJob): void {
  for (const [runner, event] of renderConvictions(job.progress, sim.clock.now_ms)) {
    if (job.reported.has(runner)) continue;
    job.reported.add(runner);
    recordEvent(sim, runner, event);
  }
}

/** Adds an entry to a provider's ledger, and calls in question what that makes doubtful. */
export function recordEvent(sim: Sim, runner: RunnerId, event: ReputationEvent): void {
  const ledger = ledgerOf(sim, runner);
  if (!addEvent(ledger, event)) return;
  const machine = machineOf(sim, runner);
  if (!machine.isBanned && isBanned(ledger, sim.clock.now_ms)) ban(sim, machine);
  if (!machine.isBanned) return;
  for (const recalled of listRecalled(ledger)) recallJob(sim, runner, recalled);
}

function ledgerOf(sim: Sim, runner: RunnerId): Ledger {
  const known = sim.ledgers.get(runner);
  if (known !== undefined) return known;
  const ledger = createLedger();
  sim.ledgers.set(runner, ledger);
  return ledger;
}

/** A banned machine is offered nothing; a Sybil comes back under a new name. */
function ban(sim: Sim, machine: Machine): void {
  machine.isBanned = true;
  machine.queue = [];
  machine.holds.clear();
  sim.parked.delete(machine);
  sim.roster = null;
  countEjection(sim, machine);
  if (machine.mind === null || sim.rejoins_left === 0) return;
  sim.rejoins_left -= 1;
  const member = createMember(machine.mind, sim.machines.length, sim.luck.cabal);
  sim.machines.push(member);
  sim.byId.set(member.id, member);
  sim.parked.add(member);
  wake(sim, member);
}

function countEjection({ tally }: Sim, machine: Machine): void {
  if (machine.isHonest) {
    tally.honest_slashed += 1;
    return;
  }
  tally.liars_ejected += 1;
  tally.audits_to_ejection += machine.checked_since_lie ?? 0;
}
