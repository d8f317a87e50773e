import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import { createCrew, friendIn, voteUntilTwo, type Worker } from "./crew.ts";

/** A quorum of two, both replicas given out together, more until two agree; nobody is ejected. */
export function runQuorum(world: World): Tally {
  const crew = createCrew(world);
  for (let shard = 0; shard < world.jobs * world.shards_per_job; shard += 1) {
    const pair = crew.pick(2);
    const votes: { worker: Worker; said: ReturnType<typeof crew.ask> }[] = [];
    for (const worker of pair) {
      const ours = pair.some((other) => other !== worker && other.mind !== null) ? 1 : 0;
      const said = crew.ask(worker, shard, { friend: friendIn(votes), checkers: { ours, others: 1 - ours } });
      votes.push({ worker, said });
    }
    crew.deliver(voteUntilTwo(crew, shard, votes).said);
  }
  return crew.tally;
}
