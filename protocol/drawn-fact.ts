import type { DrawnFact } from "@infernet/schemas/job-fact";
import type { Draw, Verdict } from "@infernet/schemas/verification";
import { applyDraws } from "./apply-draws.ts";
import { applyFact } from "./apply-fact.ts";
import {
  type DrawRequest,
  type DrawSource,
  isReopenedUndrawn,
  listDrawRequests,
  listUntaken,
  makeDraw,
} from "./draw-rules.ts";
import { isOpen, type JobProgress, shardAt } from "./job-progress.ts";
import { listNewRosters } from "./new-rosters.ts";
import { isDisputed } from "./shard-state.ts";
import { decideExhausted } from "./verdict-rules.ts";

type Skipped = DrawnFact["skipped"];

/** Lots in one fact: with a full roster it must still fit into one row of the store. */
const DRAWS_MAX = 1_000;

const NOTHING: DrawnFact = {
  kind: "drawn",
  skipped: [],
  verdicts: [],
  reopened: [],
  draws: [],
  rosters: [],
};

/** Whether there may be something for `decideDrawn` to do: only then is a roster worth fetching. */
export const needsDraw = (progress: JobProgress, now_ms: number): boolean =>
  isOpen(progress) && (listUntaken(progress, now_ms).length > 0 || listDrawRequests(progress).length > 0);

/**
 * The lots that a job needs now, as one fact: in the place of runners that did not take their check in time, to decide
 * disagreements, to bring doubtful answers under the bound at the end. Where nobody is left to be drawn, a disagreement
 * is decided by the runs there are, and a recalled answer is computed anew: these come as a fact of their own, for they
 * change what is to be drawn, and so does what does not fit into one. Null when nothing would change; a runner that has no
 * replacement is not passed over.
 */
export function decideDrawn(progress: JobProgress, source: DrawSource, now_ms: number): DrawnFact | null {
  if (!isOpen(progress)) return null;
  const untaken = listUntaken(progress, now_ms);
  const rosters = listNewRosters(progress, source);
  const passedOver = skip(progress, untaken, rosters, now_ms);
  const outcomes = listDrawRequests(passedOver).map((request) => ({
    shard: request.shard,
    ...decideRequest(passedOver, request, source, untaken),
  }));
  const of = (shards: ReadonlySet<number>): Skipped => untaken.filter(({ shard }) => shards.has(shard));
  const decided = outcomes.filter(({ kind }) => kind === "verdict" || kind === "reopened");
  if (decided.length > 0) {
    const verdicts = decided.flatMap((outcome) => (outcome.kind === "verdict" ? outcome.verdict : []));
    const reopened = decided.flatMap((outcome) => (outcome.kind === "reopened" ? outcome.shard : []));
    return { ...NOTHING, skipped: of(new Set(decided.map(({ shard }) => shard))), verdicts, reopened };
  }
  const drawable = new Set(outcomes.flatMap(({ kind, shard }) => (kind === "draw" ? shard : [])));
  if (drawable.size === 0) return null;
  const skipped = of(drawable);
  const draws = drawAll(skip(progress, skipped, rosters, now_ms), drawable, source, now_ms);
  return { ...NOTHING, skipped, draws, rosters };
}

type Outcome =
  | { kind: "draw" }
  | { kind: "verdict"; verdict: Verdict }
  | { kind: "reopened" }
  /** Nothing can be done about it now. */
  | { kind: "none" };

function decideRequest(
  progress: JobProgress,
  request: DrawRequest,
  source: DrawSource,
  untaken: Skipped,
): Outcome {
  const draw = makeDraw(progress, request, source);
  if (draw !== null) {
    const again = draw.runners.every((runner) =>
      untaken.some((passed) => passed.shard === request.shard && passed.runner === runner),
    );
    return { kind: again ? "none" : "draw" };
  }
  if (isReopenedUndrawn(progress, request)) return { kind: "reopened" };
  if (request.purpose !== "referee") return { kind: "none" };
  const shard = shardAt(progress.shards, request.shard);
  const check = shard.checks.find((one) => one.runner === request.of && isDisputed(one));
  const verdict = check === undefined ? null : decideExhausted(progress, request.shard, shard, check);
  return verdict === null ? { kind: "none" } : { kind: "verdict", verdict };
}

/** One lot after the other, for each changes who is left for the next. */
function drawAll(
  progress: JobProgress,
  shards: ReadonlySet<number>,
  source: DrawSource,
  now_ms: number,
): Draw[] {
  const draws: Draw[] = [];
  let next = progress;
  for (const request of listDrawRequests(progress)) {
    if (draws.length === DRAWS_MAX) break;
    const draw = shards.has(request.shard) ? makeDraw(next, request, source) : null;
    if (draw === null) continue;
    draws.push(draw);
    next = applyDraws(next, [draw], now_ms);
  }
  return draws;
}

const skip = (
  progress: JobProgress,
  skipped: Skipped,
  rosters: DrawnFact["rosters"],
  now_ms: number,
): JobProgress => applyFact(progress, { ...NOTHING, skipped, rosters }, progress.seq + 1, now_ms);
