import { isFinal, isOpen } from "@infernet/protocol/job-progress";
import { planVerification } from "@infernet/protocol/verification-plan";
import { createClock } from "./clock.ts";
import { createFleet } from "./fleet/create-fleet.ts";
import { measure } from "./measure.ts";
import { postJob } from "./network/post-job.ts";
import type { Sim } from "./network/sim.ts";
import { befall } from "./outages.ts";
import { createRandom } from "./random.ts";
import { createTally, type Tally } from "./tally.ts";
import { START_MS, type World } from "./world.ts";

/** Pause between the end of a job and the next, in ms. */
const PAUSE_MS = 60_000;
/** How far into a job one that overlaps it is posted. */
const OVERLAP_MS = 1_500;

/** How long after the last job was posted everything must be over, in ms. Jobs end by their deadlines; recalls have none. */
const STANDSTILL_MS = 24 * 3_600_000;

/** Runs all jobs of a world to their ends, and everything that is recalled to its. @throws Error when one never ends */
export function runWorld(world: World): Tally {
  const mind = world.createAdversary();
  const machines = createFleet(world, mind);
  const sim: Sim = {
    world,
    plan: world.plan ?? planVerification(world.verification, world.shard_rows, false),
    clock: createClock(START_MS),
    luck: {
      edge: createRandom(world.seed, "edge"),
      fleet: createRandom(world.seed, "machines"),
      cabal: createRandom(world.seed, "cabal"),
    },
    tally: createTally(),
    mind,
    machines,
    byId: new Map(machines.map((machine) => [machine.id, machine])),
    ledgers: new Map(),
    jobs: [],
    parked: new Set(machines),
    roster: null,
    seed: null,
    rejoins_left: mind.rejoins ?? 0,
  };
  for (;;) {
    postNext(sim);
    const standstill_ms = sim.clock.now_ms + STANDSTILL_MS;
    sim.clock.run(() => {
      const isOver = sim.jobs.every(({ progress }) => isFinal(progress.state) && !isOpen(progress));
      if (!isOver && sim.clock.now_ms > standstill_ms) throw new Error(explainStandstill(sim));
      return isOver;
    });
    if (sim.jobs.length >= world.jobs) break;
    sim.clock.now_ms += PAUSE_MS;
  }
  return measure(sim);
}

function explainStandstill({ jobs }: Sim): string {
  const open = jobs.filter(({ progress }) => isOpen(progress)).map(({ index }) => index);
  return `nothing moves any more, and job(s) ${open} of the world are not over`;
}

/** The next job, and where the world wants it the one after it soon behind. */
function postNext(sim: Sim): void {
  const { world, clock } = sim;
  const job = postJob(sim);
  befall(sim);
  const overlaps = world.overlap_every > 0 && (job.index + 1) % world.overlap_every === 0;
  if (overlaps && sim.jobs.length < world.jobs) clock.at(clock.now_ms + OVERLAP_MS, () => postNext(sim));
}
