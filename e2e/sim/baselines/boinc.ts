import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import { createCrew, friendIn, sameSaid, voteUntilTwo, type Worker } from "./crew.ts";

/** Valid results in a row after which a host's results are not always replicated. */
const TRUSTED = 10;

/**
 * BOINC's adaptive replication: hosts with fewer than ten valid results in a row are always replicated, others with
 * probability 1/n; an invalid result sets n to 0, and one that was not replicated does not count.
 */
export function runBoinc(world: World): Tally {
  const crew = createCrew(world);
  for (let shard = 0; shard < world.jobs * world.shards_per_job; shard += 1) {
    const [first] = crew.pick(1);
    if (first === undefined) break;
    const n = first.member.passed;
    const votes: { worker: Worker; said: ReturnType<typeof crew.ask> }[] = [];
    votes.push({ worker: first, said: crew.ask(first, shard) });
    if (n >= TRUSTED && crew.random.next() >= 1 / n) {
      crew.deliver(votes[0]?.said ?? { lie: null, drift: 0 });
      continue;
    }
    for (const worker of crew.pick(1, [first]))
      votes.push({ worker, said: crew.ask(worker, shard, { friend: friendIn(votes) }) });
    const { said, votes: all } = voteUntilTwo(crew, shard, votes);
    for (const { worker, said: own } of all)
      worker.member.passed = sameSaid(own, said) ? worker.member.passed + 1 : 0;
    crew.deliver(said);
  }
  return crew.tally;
}
