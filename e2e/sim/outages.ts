import type { Machine } from "./fleet/machine.ts";
import { wake } from "./network/dispatch.ts";
import type { Sim } from "./network/sim.ts";
import { shuffle } from "./random.ts";
import type { Outage } from "./world.ts";

/** Plans what befalls the machines in the job that was just posted. */
export function befall(sim: Sim): void {
  for (const outage of sim.world.outages)
    sim.clock.at(sim.clock.now_ms + outage.after_ms, () => {
      const count = Math.round(outage.share * sim.machines.length);
      for (const machine of shuffle(sim.luck.fleet, [...sim.machines], count)) cutOff(sim, machine, outage);
    });
}

function cutOff(sim: Sim, machine: Machine, { kind, lasts_ms }: Outage): void {
  const now_ms = sim.clock.now_ms;
  machine.silent_since_ms = now_ms;
  machine.away_until_ms = now_ms + lasts_ms;
  sim.parked.delete(machine);
  if (kind === "crash") {
    machine.crashes += 1;
    machine.isBusy = false;
    machine.queue = [];
    machine.outbox = [];
    machine.holds.clear();
  }
  sim.clock.at(machine.away_until_ms, () => {
    sim.parked.add(machine);
    wake(sim, machine);
  });
}
