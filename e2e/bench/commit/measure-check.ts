import { randomBytes } from "node:crypto";
import { compareRows } from "@infernet/protocol/compare";
import { tolerancesFor } from "@infernet/protocol/compare-tolerances";
import { drawRows } from "@infernet/protocol/draw";
import { type DrawSource, makeDraw, requestFirstDraw } from "@infernet/protocol/draw-rules";
import { createProgress } from "@infernet/protocol/job-progress";
import {
  commitmentRoot,
  commitmentStatement,
  leafRowsOf,
  parseSignature,
} from "@infernet/schemas/commitment";
import { canonicalDigest } from "@infernet/schemas/digest";
import { formatRunnerId, publicKeyOf } from "@infernet/schemas/ids";
import { rowsIn } from "@infernet/schemas/runner";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { Roster } from "@infernet/schemas/verification";
import { type ComputedShard, type Glyphs, SHARD_ROWS } from "./open-glyphs.ts";
import { timeCalls } from "./time-calls.ts";

export const ROSTER_RUNNERS = 200;
export const AUDIT_ROWS = 26;
const SHARDS = 40;

/** Microseconds of each sample. */
export interface CheckTimes {
  verify_us: number[];
  draw_us: number[];
  compare_us: number[];
}

/** What the edge does for one shard and one audit of it, by the functions that it runs, here in Node. */
export async function measureCheck(glyphs: Glyphs): Promise<CheckTimes> {
  const shard = await glyphs.compute(0);
  return {
    verify_us: await timeCalls(verifyCommitment(glyphs, shard)),
    draw_us: await timeCalls(await drawAudit(glyphs, shard)),
    compare_us: await timeCalls(compareAudit(shard)),
  };
}

/** Leaves, root and signature of one answer. */
function verifyCommitment({ committer, commit }: Glyphs, shard: ComputedShard) {
  const { lease, execution_class, run } = shard;
  const { outputs } = run;
  const commitment = commit(shard);
  const { network, identity } = committer;
  const { id, rows, ...ofJob } = lease;
  const signature = parseSignature(commitment.signature);
  return async (): Promise<void> => {
    const made = { network, runner: identity.id, lease_id: id, rows: rowsIn(rows), execution_class };
    const context = { ...ofJob, ...made, leaf_rows: leafRowsOf(outputs) };
    const key = await crypto.subtle.importKey("raw", publicKeyOf(identity.id), "Ed25519", false, ["verify"]);
    const root = commitmentRoot(context, outputs);
    const statement = commitmentStatement(context, root);
    if (!(await crypto.subtle.verify("Ed25519", key, signature, statement)) || root !== commitment.root)
      throw new Error("the commitment does not verify");
  };
}

/** One auditor of 200 and its rows. */
async function drawAudit({ committer, commit }: Glyphs, shard: ComputedShard) {
  const { root } = commit(shard);
  const runner = committer.identity.id;
  const roster = createRoster();
  const source: DrawSource = {
    roster,
    digest: await canonicalDigest(roster),
    epoch: 1,
    seed: randomBytes(32),
  };
  const plan = {
    job_id: shard.lease.job_id,
    rows: SHARDS * SHARD_ROWS,
    shard_rows: SHARD_ROWS,
    shards: SHARDS,
    verification: { mode: "audit", auditors: 1, audit_rows: AUDIT_ROWS, error_max: null },
  } as const;
  const progress = createProgress(plan, 0);
  return (): void => {
    const request = requestFirstDraw(progress, 0, runner);
    const draw = request && makeDraw(progress, request, source, { runner, root });
    const [auditor] = draw?.runners ?? [];
    if (!draw || !auditor) throw new Error("nobody was drawn");
    drawRows(draw.value, auditor, SHARD_ROWS, AUDIT_ROWS);
  };
}

function createRoster(): Roster {
  const runners = Array.from({ length: ROSTER_RUNNERS }, () => {
    const groups = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    return { id: formatRunnerId(randomBytes(32)), weight: 4, groups, passed: 100, referee: false };
  });
  return { runners: runners.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** Every tenth row of the answer against an auditor's, whose numbers differ in their last bit. */
function compareAudit({ run: { outputs }, execution_class }: ComputedShard) {
  const ranges = Array.from({ length: AUDIT_ROWS }, (_, n) => ({ start: n * 9, count: 1 }));
  const theirs = outputs.map((output) => {
    const { data, ...described } = gatherRows(output, ranges);
    const other = data.slice();
    for (let at = 0; at < other.length; at += 4) other[at] = (other[at] ?? 0) ^ 1;
    return { ...described, data: other };
  });
  return (): void => {
    const mine = outputs.map((output) => gatherRows(output, ranges));
    const { zone } = compareRows(theirs, mine, (datatype) =>
      tolerancesFor(null, execution_class, execution_class, datatype),
    );
    if (zone !== "match") throw new Error(`the audit says ${zone}`);
  };
}
