import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact, CommittedResult } from "@infernet/schemas/job-fact";
import type { Draw, Verdict } from "@infernet/schemas/verification";
import { foldResult } from "./apply-committed.ts";
import { foldDraws, foldRosters } from "./apply-draws.ts";
import { foldVerdict } from "./apply-verdict.ts";
import { Draft } from "./draft.ts";
import { type DrawSource, makeDraw, requestFirstDraw } from "./draw-rules.ts";
import type { JobProgress } from "./job-progress.ts";
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
  const draft = new Draft(progress);
  const rosters = source === null ? [] : listNewRosters(progress, source);
  foldRosters(draft, rosters);
  const draws = source === null ? [] : drawFirst(draft.progress, runner, results, source);
  const committed = { draws, rosters: draws.length === 0 ? [] : rosters };
  const isPlain = results.every(
    ({ role, comparisons }) => role === "compute" || (role !== "referee" && comparisons.every(agrees)),
  );
  if (isPlain) return { kind: "committed", runner, results: [...results], verdicts: [], ...committed };
  for (const result of results) foldResult(draft, runner, result, progress.seq + 1, at_ms);
  foldDraws(draft, draws, at_ms);
  const verdicts: Verdict[] = [];
  for (const { shard } of results) {
    for (const verdict of decideVerdicts(draft.now, shard, draft.shard(shard))) {
      verdicts.push(verdict);
      // Whom this verdict convicts has no say in the next one.
      foldVerdict(draft, verdict);
    }
  }
  return { kind: "committed", runner, results: [...results], verdicts, ...committed };
}

/** Only a referee's run or a difference can bring about a verdict. */
const agrees = ({ zone }: CommittedResult["comparisons"][number]): boolean => zone === "match";

function drawFirst(
  progress: JobProgress,
  runner: RunnerId,
  results: readonly CommittedResult[],
  source: DrawSource,
): Draw[] {
  return results.flatMap(({ shard, role, root }) => {
    const request = role === "compute" ? requestFirstDraw(progress, shard, runner) : null;
    return (request && makeDraw(progress, request, source, { runner, root })) ?? [];
  });
}
