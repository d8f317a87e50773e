import type { CommitmentContext } from "@infernet/schemas/commitment";
import type { RunnerId } from "@infernet/schemas/ids";
import type { ContradictedFact } from "@infernet/schemas/job-fact";
import type { ShardDone } from "@infernet/schemas/runner";
import { type JobProgress, shardAt } from "./job-progress.ts";
import { answerUnder } from "./submission-rules.ts";

/** What a runner hands in for a lease, as far as its commitment goes. */
export type Repeat = Pick<
  ShardDone,
  "shard" | "lease_id" | "execution_class" | "leaf_rows" | "root" | "signature"
>;

/**
 * The contradiction that a repeated answer is, should its signature be good; null when it is none: the same root again, a
 * commitment to something else, nothing to repeat, or a runner of which it is known already. Whoever asks verifies the
 * signature over `contextOf` before anybody is convicted.
 */
export function findContradiction(
  { contradictions, shards }: JobProgress,
  runner: RunnerId,
  repeat: Repeat,
): ContradictedFact | null {
  const { shard, lease_id, execution_class, leaf_rows } = repeat;
  if (contradictions.has(runner)) return null;
  const answer = answerUnder(shardAt(shards, shard), lease_id);
  if (answer === null || answer.runner !== runner || answer.root === repeat.root) return null;
  if (answer.execution_class !== execution_class || answer.leaf_rows !== leaf_rows) return null;
  return {
    kind: "contradicted",
    runner,
    shard,
    lease_id,
    rows: answer.rows,
    leaf_rows,
    execution_class,
    first: { root: answer.root, signature: answer.signature },
    second: { root: repeat.root, signature: repeat.signature },
  };
}

/** What both of its statements were made for. */
export const contextOf = (
  { shard, lease_id, runner, execution_class, rows, leaf_rows }: ContradictedFact,
  job: Pick<CommitmentContext, "network" | "job_id" | "model">,
): CommitmentContext => ({ ...job, shard, lease_id, runner, execution_class, rows, leaf_rows });
