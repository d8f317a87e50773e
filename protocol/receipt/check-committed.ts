import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact, CommittedResult } from "@infernet/schemas/job-fact";
import { Engine } from "@infernet/schemas/model";
import { ExecutionProvider } from "@infernet/schemas/runner";
import type { Comparison } from "@infernet/schemas/verification";
import { decideCommitted } from "../committed-fact.ts";
import { requestFirstDraw } from "../draw-rules.ts";
import { type Answer, type JobProgress, shardAt, shardRowCount } from "../job-progress.ts";
import { classifyAnswer } from "../submission-rules.ts";
import { checkBegun } from "./check-begun.ts";
import { type CheckContext, nameComparison } from "./check-context.ts";
import { toldSource } from "./check-draws.ts";
import { isSame } from "./is-same.ts";
import { rowsChecked } from "./list-evidence.ts";
import type { Step } from "./replay-log.ts";

/** Whether a submission was wanted, was for its rows, and had the draws and verdicts that follow from it. */
export function checkCommitted(context: CheckContext, { before, entry }: Step, fact: CommittedFact): void {
  const { findings } = context;
  for (const result of fact.results) checkResult(context, before, fact.runner, result);
  const source = toldSource(context, before, entry);
  const again = decideCommitted(before, fact.runner, fact.results, source, entry.at_ms);
  const place = `fact ${entry.seq}`;
  if (!isSame(again.draws, fact.draws) || !isSame(again.rosters, fact.rosters))
    findings.add("draw_wrong", place);
  else findings.add("draws_follow", null, fact.draws.length);
  if (!isSame(again.verdicts, fact.verdicts)) findings.add("verdict_wrong", place);
  else findings.add("verdicts_follow", null, fact.verdicts.length);
  if (source === null) findings.add("draws_delayed", place, countUndrawn(before, fact));
}

/** Answers for which auditors could have been drawn with them. */
const countUndrawn = (before: JobProgress, { runner, results }: CommittedFact): number =>
  results.filter(({ role, shard }) => role === "compute" && requestFirstDraw(before, shard, runner) !== null)
    .length;

function checkResult(
  context: CheckContext,
  before: JobProgress,
  runner: RunnerId,
  result: CommittedResult,
): void {
  const { findings } = context;
  const { shard, role, of, lease_id, rows, leaf_rows, execution_class } = result;
  const place = `shard ${shard}, ${lease_id}`;
  const standing = classifyAnswer(before, runner, lease_id, shard);
  if (standing.kind !== "wanted" || standing.task.role !== role || standing.task.of !== of)
    findings.add("answer_unwanted", place);
  else {
    const due = role === "compute" ? shardRowCount(before.plan, shard) : rowsChecked(before, result)?.length;
    if (rows !== due) findings.add("rows_wrong", `${place}: ${rows} rows, not ${due}`);
  }
  if (leaf_rows > rows)
    findings.add("leaf_count_wrong", `${place}: leaves of ${leaf_rows} rows, for ${rows}`);
  if (!isKnownClass(execution_class)) findings.add("execution_class_unknown", `${place}: ${execution_class}`);
  if (result.begun !== undefined) checkBegun(context, before, result.begun, lease_id);
  for (const comparison of result.comparisons) checkZone(context, before, result, comparison);
}

function isKnownClass(execution_class: string): boolean {
  const [engine = "", , provider = ""] = execution_class.split("/");
  return Engine.safeParse(engine).success && ExecutionProvider.safeParse(provider).success;
}

/** Equal trees over equal rows are equal bytes: of such a comparison the zone can be told without the rows. */
function checkZone(
  { findings, told, trees }: CheckContext,
  before: JobProgress,
  result: CommittedResult,
  comparison: Comparison,
): void {
  const other = findOther(before, result, comparison.with);
  const tree = trees.get(result.lease_id);
  const isCopy =
    other !== null &&
    tree !== undefined &&
    tree === trees.get(other.lease_id) &&
    other.rows === result.rows &&
    other.leaf_rows === result.leaf_rows;
  if (!isCopy) told.add(nameComparison(result.lease_id, comparison.with));
  else if (comparison.zone === "match") findings.add("copies_equal");
  else findings.add("zone_wrong", `shard ${result.shard}, ${result.lease_id}`);
}

/** What a result was compared with: the answer that stands, another check of it, or what was delivered. */
function findOther(
  { shards }: JobProgress,
  { shard, role }: CommittedResult,
  runner: RunnerId,
): Answer | null {
  const { answer, checks, delivered } = shardAt(shards, shard);
  const others = role === "compute" ? [delivered] : [answer, ...checks.map((check) => check.answer)];
  return others.find((other) => other?.runner === runner) ?? null;
}
