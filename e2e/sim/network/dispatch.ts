import { isOpen } from "@infernet/protocol/job-progress";
import type { Machine } from "../fleet/machine.ts";
import { startNext } from "../fleet/work-loop.ts";
import { pick, shuffle } from "../random.ts";
import { grantTasks } from "./grant-tasks.ts";
import { isReachable, type Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** Leases that a machine holds at a time. */
const LEASES_HELD = 4;
/** The longest way between a machine and the edge, in ms. */
const LATENCY_MS = 50;

const roomOf = (machine: Machine): number => LEASES_HELD - machine.queue.length - (machine.isBusy ? 1 : 0);

/** Lets a machine ask for work as soon as its question has travelled to the edge. */
export function wake(sim: Sim, machine: Machine): void {
  if (machine.isPolling || machine.isBanned || roomOf(machine) <= 0) return;
  machine.isPolling = true;
  sim.parked.delete(machine);
  const start_ms = Math.max(sim.clock.now_ms, machine.away_until_ms);
  sim.clock.at(start_ms + 1 + sim.luck.fleet.below(LATENCY_MS), () => poll(sim, machine));
}

/** The same for some of those that wait. */
export function wakeSome(sim: Sim, count: number): void {
  for (const machine of shuffle(sim.luck.fleet, [...sim.parked], count)) wake(sim, machine);
}

function poll(sim: Sim, machine: Machine): void {
  machine.isPolling = false;
  if (machine.isBanned) return;
  if (!isReachable(sim, machine)) {
    wake(sim, machine);
    return;
  }
  for (const job of listOffers(sim, machine)) {
    const room = roomOf(machine);
    if (room <= 0) break;
    machine.queue.push(...grantTasks(sim, job, machine, room));
  }
  if (roomOf(machine) > 0) sim.parked.add(machine);
  startNext(sim, machine);
}

/** Jobs with something for a machine: those that it is drawn for, then those with shards to compute, in random order. */
function listOffers(sim: Sim, machine: Machine): SimJob[] {
  const open = sim.jobs.filter(({ progress }) => isOpen(progress));
  const drawn = open.filter(({ progress }) => progress.index.drawn.has(machine.id));
  const ready = machine.referee
    ? []
    : open.filter((job) => (job.ready > 0 || job.slow > 0) && !drawn.includes(job));
  if (ready.length < 2) return [...drawn, ...ready];
  const first = pick(sim.luck.edge, ready);
  return [...drawn, first, ...ready.filter((job) => job !== first)];
}
