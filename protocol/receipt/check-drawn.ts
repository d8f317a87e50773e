import type { DrawnFact } from "@infernet/schemas/job-fact";
import { applyDraws } from "../apply-draws.ts";
import { applyFact } from "../apply-fact.ts";
import { applyVerdict, reopen } from "../apply-verdict.ts";
import { isReopenedUndrawn, listDrawRequests, listUntaken, makeDraw } from "../draw-rules.ts";
import { type JobProgress, shardAt } from "../job-progress.ts";
import { isDisputed } from "../shard-state.ts";
import { decideExhausted } from "../verdict-rules.ts";
import type { CheckContext } from "./check-context.ts";
import { nameDraw, toldSource } from "./check-draws.ts";
import { isSame } from "./is-same.ts";
import type { Step } from "./replay-log.ts";

/** Whether what was drawn later was due, and came to those who follow from it; and what was decided without a draw. */
export function checkDrawn(context: CheckContext, step: Step, fact: DrawnFact): void {
  let next = checkSkipped(context, step, fact);
  next = checkVerdicts(context, next, fact);
  next = checkReopened(context, next, fact);
  checkDraws(context, step, next, fact);
}

/** The job with those passed over who were. */
function checkSkipped({ findings }: CheckContext, { before, entry }: Step, fact: DrawnFact): JobProgress {
  const untaken = listUntaken(before, entry.at_ms);
  for (const { shard, runner } of fact.skipped) {
    const isDue = untaken.some((one) => one.shard === shard && one.runner === runner);
    findings.add(isDue ? "skips_told" : "skip_wrong", `shard ${shard}, ${runner}`);
  }
  const passed: DrawnFact = { ...fact, verdicts: [], reopened: [], draws: [] };
  return applyFact(before, passed, entry.seq, entry.at_ms);
}

function checkVerdicts({ findings }: CheckContext, progress: JobProgress, fact: DrawnFact): JobProgress {
  let next = progress;
  for (const verdict of fact.verdicts) {
    const shard = shardAt(next.shards, verdict.shard);
    const check = shard.checks.find((one) => one.runner === verdict.check.runner && isDisputed(one));
    const again = check === undefined ? null : decideExhausted(next, verdict.shard, shard, check);
    if (isSame(again, verdict)) findings.add("verdicts_follow");
    else findings.add("verdict_wrong", `shard ${verdict.shard}`);
    findings.add("nobody_left_told", `shard ${verdict.shard}`);
    next = applyVerdict(next, verdict);
  }
  return next;
}

function checkReopened({ findings }: CheckContext, progress: JobProgress, fact: DrawnFact): JobProgress {
  const due = listDrawRequests(progress).filter((request) => isReopenedUndrawn(progress, request));
  let next = progress;
  for (const shard of fact.reopened) {
    const isDue = due.some((request) => request.shard === shard);
    findings.add(isDue ? "nobody_left_told" : "reopened_wrong", `shard ${shard}`);
    next = reopen(next, shard, "recalled");
  }
  return next;
}

function checkDraws(
  context: CheckContext,
  { before, entry }: Step,
  progress: JobProgress,
  fact: DrawnFact,
): void {
  const { findings } = context;
  const source = toldSource(context, before, entry);
  if (source === null) return;
  const requests = listDrawRequests(progress);
  let next = progress;
  for (const draw of fact.draws) {
    const request = requests.find(
      ({ shard, purpose, of }) => shard === draw.shard && purpose === draw.purpose && of === draw.of,
    );
    const again = request === undefined ? null : makeDraw(next, request, source);
    if (isSame(again, draw)) findings.add("draws_follow");
    else findings.add("draw_wrong", nameDraw(draw));
    next = applyDraws(next, [draw], entry.at_ms);
  }
}
