import { hasContradiction, insertContradiction } from "@infernet/db/aggregator/contradictions";
import { writeOutbox } from "@infernet/db/aggregator/jobs";
import { contextOf, findContradiction } from "@infernet/protocol/contradiction-rules";
import { isOpen } from "@infernet/protocol/job-progress";
import { commitmentStatement } from "@infernet/schemas/commitment";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import type { RunnerId } from "@infernet/schemas/ids";
import type { ContradictedFact } from "@infernet/schemas/job-fact";
import type { ShardDone } from "@infernet/schemas/runner";
import { loadNetworkKey } from "../network/network-key.ts";
import type { AggregatorContext } from "./context.ts";
import { drainOutbox } from "./drain-outbox.ts";
import type { OpenJob } from "./open-job.ts";
import { oweSlash } from "./outbox-rules.ts";
import { recordFact } from "./record-fact.ts";

/**
 * Looks whether answers that came again contradict the first ones. The same root again costs nothing; of another root the
 * signature is verified, and one that is not the runner's convicts nobody.
 */
export async function noteContradictions(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  repeats: readonly ShardDone[],
): Promise<void> {
  for (const repeat of repeats) {
    const fact = findContradiction(job.progress, runner, repeat);
    if (fact === null || !(await isSigned(ctx, job, fact))) continue;
    record(ctx, job, fact);
  }
}

async function isSigned(
  ctx: AggregatorContext,
  { record }: OpenJob,
  fact: ContradictedFact,
): Promise<boolean> {
  const { id: network } = await loadNetworkKey(ctx.env);
  const context = contextOf(fact, { network, job_id: record.id, model: record.model.digest });
  const { root, signature } = fact.second;
  return isSignedByRunner(fact.runner, commitmentStatement(context, root), signature);
}

/** In a job that is over nobody is convicted any more: the evidence goes where a stake answers for it. */
function record(ctx: AggregatorContext, job: OpenJob, fact: ContradictedFact): void {
  if (isOpen(job.progress)) {
    recordFact(ctx, job, fact);
    return;
  }
  const { id } = job.record;
  if (hasContradiction(ctx.db, id, fact.runner)) return;
  insertContradiction(ctx.db, id, fact);
  job.outbox = oweSlash(job.outbox);
  writeOutbox(ctx.db, id, job.outbox);
  ctx.jobs.set(id, job);
  ctx.defer(drainOutbox(ctx, job));
}
