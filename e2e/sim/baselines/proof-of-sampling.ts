import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import { createCrew, friendIn, sameSaid } from "./crew.ts";

/** Share of results that a validator computes again. */
const SAMPLED = 0.1;

/** Proof of Sampling (arXiv:2405.00295): a random validator, sometimes; who is found wrong by an arbiter is ejected. */
export function runProofOfSampling(world: World): Tally {
  const crew = createCrew(world);
  for (let shard = 0; shard < world.jobs * world.shards_per_job; shard += 1) {
    const [worker] = crew.pick(1);
    if (worker === undefined) break;
    const said = crew.ask(worker, shard);
    const [validator] = crew.random.next() < SAMPLED ? crew.pick(1, [worker]) : [];
    if (validator === undefined) {
      crew.deliver(said);
      continue;
    }
    const check = crew.ask(validator, shard, { friend: friendIn([{ worker, said }]), isCheck: true });
    if (sameSaid(said, check)) crew.deliver(said);
    else {
      // The arbiter computes it a third time, and is right.
      crew.tally.rows_computed += world.shard_rows;
      crew.tally.rows_by_referees += world.shard_rows;
      if (said.lie !== null) crew.eject(worker);
      if (check.lie !== null) crew.eject(validator);
      crew.deliver({ lie: null, drift: 0 });
    }
  }
  return crew.tally;
}
