import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact, CommittedResult } from "@infernet/schemas/job-fact";
import type { Draw, Verdict } from "@infernet/schemas/verification";
import { applyResult } from "./apply-committed.ts";
import { applyDraws, applyRosters } from "./apply-draws.ts";
import { applyVerdict } from "./apply-verdict.ts";
import { type DrawSource, makeDraw, requestFirstDraw } from "./draw-rules.ts";
import { type JobProgress, shardAt } from "./job-progress.ts";
import { listNewRosters } from "./new-rosters.ts";
import { decideVerdicts } from "./verdict-rules.ts";

/**
 * What follows from a submission: the lots for its new answers, and the verdicts that its checks make possible.
 *
 * @param source null: nothing is drawn now
 */
export function decideCommitted(
  progress: JobProgress,
  runner: RunnerId,
  results: readonly CommittedResult[],
  source: DrawSource | null,
  at_ms: number,
): CommittedFact {
  const draws = source === null ? [] : drawFirst(progress, runner, results, source);
  const rosters = draws.length === 0 || source === null ? [] : listNewRosters(progress, source);
  let next = applyRosters(progress, rosters);
  for (const result of results) next = applyResult(next, runner, result, progress.seq + 1, at_ms);
  next = applyDraws(next, draws, at_ms);
  const verdicts: Verdict[] = [];
  for (const { shard } of results) {
    for (const verdict of decideVerdicts(next, shard, shardAt(next.shards, shard))) {
      verdicts.push(verdict);
      // Whom this verdict convicts has no say in the next one.
      next = applyVerdict(next, verdict);
    }
  }
  return { kind: "committed", runner, results: [...results], verdicts, draws, rosters };
}

function drawFirst(
  progress: JobProgress,
  runner: RunnerId,
  results: readonly CommittedResult[],
  source: DrawSource,
): Draw[] {
  const known = applyRosters(progress, listNewRosters(progress, source));
  return results.flatMap(({ shard, role, root }) => {
    const request = role === "compute" ? requestFirstDraw(known, shard, runner) : null;
    return (request && makeDraw(known, request, source, { runner, root })) ?? [];
  });
}
