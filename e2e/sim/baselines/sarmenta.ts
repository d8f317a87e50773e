import { credibility } from "@infernet/protocol/credibility";
import { RIGHT, type Said } from "../said.ts";
import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import { type Crew, createCrew, friendIn, sameSaid, type Worker } from "./crew.ts";

/** Share of all work that has a known answer. */
const SPOT_CHECKED = 0.1;
const ERROR_MAX = 1e-3;

interface Vote {
  worker: Worker;
  said: Said;
}

/**
 * Sarmenta's credibility-based fault tolerance (2001): spot-checks, who fails one is blacklisted and everything it said
 * is taken back, and a shard is voted on until its best group of equal answers is credible enough.
 */
export function runSarmenta(world: World): Tally {
  const crew = createCrew(world);
  const shards: Vote[][] = Array.from({ length: world.jobs * world.shards_per_job }, () => []);
  for (let isOver = false; !isOver; ) {
    isOver = true;
    for (const [shard, votes] of shards.entries()) {
      if (bestOf(votes).credibility >= 1 - ERROR_MAX) continue;
      const worker = pickFree(crew, shards, votes);
      if (worker === null) continue;
      isOver = false;
      votes.push({ worker, said: crew.ask(worker, shard, { friend: friendIn(votes) }) });
    }
  }
  for (const votes of shards) crew.deliver(bestOf(votes).said);
  return crew.tally;
}

/** A worker that has come through the spot-checks that it met on its way. */
function pickFree(crew: Crew, shards: Vote[][], votes: readonly Vote[]): Worker | null {
  for (;;) {
    const [worker] = crew.pick(
      1,
      votes.map((vote) => vote.worker),
    );
    if (worker === undefined) return null;
    if (crew.random.next() >= SPOT_CHECKED) return worker;
    if (crew.ask(worker, 0).lie === null) worker.member.passed += 1;
    else blacklist(crew, shards, worker);
  }
}

function blacklist(crew: Crew, shards: Vote[][], worker: Worker): void {
  crew.eject(worker);
  for (const [shard, votes] of shards.entries())
    if (votes.some((vote) => vote.worker === worker))
      shards[shard] = votes.filter((vote) => vote.worker !== worker);
}

/**
 * The group of equal answers that is most probably right: for each, the probability that all of it are right and all
 * others wrong, as a share of every case that is possible.
 */
function bestOf(votes: readonly Vote[]): { said: Said; credibility: number } {
  const groups: { said: Said; good: number; bad: number }[] = [];
  for (const { worker, said } of votes) {
    const cr = credibility(worker.member.passed);
    const group = groups.find((one) => sameSaid(one.said, said));
    if (group === undefined) groups.push({ said, good: cr, bad: 1 - cr });
    else {
      group.good *= cr;
      group.bad *= 1 - cr;
    }
  }
  const allBad = groups.reduce((product, { bad }) => product * bad, 1);
  const cases = groups.map(({ good, bad }) => (good * allBad) / bad);
  const total = allBad + cases.reduce((sum, one) => sum + one, 0);
  let best = { said: RIGHT, credibility: 0 };
  for (const [n, { said }] of groups.entries()) {
    const probability = (cases[n] ?? 0) / total;
    if (probability > best.credibility) best = { said, credibility: probability };
  }
  return best;
}
