import { hashRows, leafRowsOf } from "@infernet/schemas/commitment";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { renderHash } from "@infernet/schemas/hash";
import { merkleRoot } from "@infernet/schemas/merkle";
import type { ReceiptJob } from "@infernet/schemas/receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { gatherRows, rowCount, sliceRows } from "@infernet/schemas/tensor-rows";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { type Answer, type JobProgress, shardAt } from "../job-progress.ts";
import { rowsOfCheck, zoneWith } from "../shard-state.ts";
import { shardRange } from "../split.ts";
import { type CheckContext, nameComparison } from "./check-context.ts";
import { isExactInJson, parseList, readListRows } from "./read-list.ts";

/** The rows of one shard, as they were delivered. Throws where they cannot be told from the result. */
type ReadRows = (shard: number) => Tensor[];

/** Follows a delivered result, row by row, to the trees that the runners signed. */
export async function traceResult(
  context: CheckContext,
  progress: JobProgress,
  result: Bytes,
): Promise<void> {
  const { findings, receipt } = context;
  const delivered = receipt.outcome.result;
  if (delivered === null || (await sha256(result)) !== delivered.sha256) {
    findings.add("result_wrong", delivered === null ? "there was none" : `sha256 ${delivered.sha256}`);
    return;
  }
  findings.add("result_is_delivered");
  const { job } = receipt;
  if (job.merge === "sum" || job.merge === "mean") {
    findings.add("rows_untraceable", `merge "${job.merge}"`, job.rows);
    return;
  }
  const readRows = openResult(job, result);
  for (const [shard, { delivered: answer }] of progress.shards.entries())
    if (readRows === null || answer === null) findings.add("rows_mismatch", `shard ${shard}`);
    else {
      const rows = traceShard(context, shard, answer, readRows);
      if (rows !== null) traceChecks(context, progress, shard, answer, rows);
    }
}

/** The shard's rows, when they are those that were signed. */
function traceShard(
  { findings, receipt: { job }, trees }: CheckContext,
  shard: number,
  answer: Answer,
  readRows: ReadRows,
): Tensor[] | null {
  const place = `shard ${shard}, ${answer.lease_id}`;
  const { count } = shardRange(job.rows, job.shard_rows, shard);
  const rows = attempt(() => readRows(shard));
  if (rows === null) {
    // Only a list can hold rows that it does not tell.
    findings.add(
      job.merge === "list" ? "rows_untraceable" : "rows_mismatch",
      place,
      job.merge === "list" ? count : 1,
    );
    return null;
  }
  const leaves = attempt(() => hashRows(rows, answer.leaf_rows));
  const isSigned = leaves !== null && renderHash(merkleRoot(leaves)) === trees.get(answer.lease_id);
  if (isSigned && leafRowsOf(rows) !== answer.leaf_rows) findings.add("leaf_count_wrong", place);
  else if (isSigned) findings.add("rows_traced", null, count);
  else if (job.merge === "list" && !isExactInJson(rows)) findings.add("rows_untraceable", place, count);
  else findings.add("rows_mismatch", place);
  return isSigned ? rows : null;
}

/** A check whose tree is that of the delivered rows returned these very bytes: it needs nobody's word. */
function traceChecks(
  { findings, trees, told }: CheckContext,
  { plan, shards }: JobProgress,
  shard: number,
  answer: Answer,
  rows: readonly Tensor[],
): void {
  const { checks, answer: standing } = shardAt(shards, shard);
  for (const check of standing === answer ? checks : []) {
    if (check.answer === null) continue;
    const { lease_id, leaf_rows } = check.answer;
    const name = nameComparison(lease_id, answer.runner);
    if (!told.has(name)) continue;
    const ranges = rowsOfCheck(plan, shard, checks, check).map((row) => ({ start: row, count: 1 }));
    const leaves = attempt(() =>
      hashRows(
        rows.map((tensor) => gatherRows(tensor, ranges)),
        leaf_rows,
      ),
    );
    if (leaves === null || renderHash(merkleRoot(leaves)) !== trees.get(lease_id)) continue;
    told.delete(name);
    const isMatch = zoneWith(check, answer.runner) === "match";
    findings.add(isMatch ? "copies_equal" : "zone_wrong", isMatch ? null : `shard ${shard}, ${lease_id}`);
  }
}

/** Null when the bytes do not hold the job's outputs. */
function openResult(job: ReceiptJob, result: Bytes): ReadRows | null {
  const range = (shard: number) => shardRange(job.rows, job.shard_rows, shard);
  if (job.merge === "list") {
    const list = attempt(() => parseList(result));
    if (list?.length !== job.rows) return null;
    return (shard) => {
      const { start, count } = range(shard);
      return readListRows(list.slice(start, start + count), job.outputs);
    };
  }
  const tensors = attempt(() => decodeTensors(result));
  if (tensors === null || tensors.length !== job.outputs.length) return null;
  const fits = tensors.every(
    (tensor, n) =>
      tensor.name === job.outputs[n]?.name &&
      tensor.datatype === job.outputs[n].datatype &&
      rowCount(tensor) === job.rows,
  );
  if (!fits) return null;
  return (shard) => tensors.map((tensor) => sliceRows(tensor, range(shard).start, range(shard).count));
}

/** Null where the bytes are not what they were taken for. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
