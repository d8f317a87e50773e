import type { RunnerId } from "@infernet/schemas/ids";
import type { DrawnFact } from "@infernet/schemas/job-fact";
import type { Draw, Verdict } from "@infernet/schemas/verification";
import { applyDraws, applyRosters } from "./apply-draws.ts";
import { passOver } from "./apply-fact.ts";
import { applyVerdict } from "./apply-verdict.ts";
import { changed } from "./draft.ts";
import {
  type DrawRequest,
  type DrawSource,
  isReopenedUndrawn,
  listDrawRequests,
  listUntaken,
  makeDraw,
  type Untaken,
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
  isOpen(progress) && (listDrawRequests(progress).length > 0 || listUntaken(progress, now_ms).length > 0);

/**
 * The lots that a job needs now, as one fact: in the place of runners that did not take their check in time, to decide
 * disagreements, to bring doubtful answers under the bound at the end. Where nobody is left to be drawn, a disagreement
 * is decided by the runs there are, or else a recalled answer is computed anew: these come as facts of their own, for
 * they change what is to be drawn, and so does what does not fit into one. Null when nothing would change; a runner that
 * has no replacement is not passed over.
 *
 * @param isWaiting whether somebody may still come who could be drawn for a shard: nothing is decided without them
 */
export function decideDrawn(
  progress: JobProgress,
  source: DrawSource,
  now_ms: number,
  isWaiting: (shard: number) => boolean = () => false,
): DrawnFact | null {
  if (!isOpen(progress)) return null;
  const untaken = listUntaken(progress, now_ms);
  const rosters = listNewRosters(progress, source);
  const passedOver = skip(applyRosters(progress, rosters), untaken);
  const requests = listDrawRequests(passedOver);
  const { draws, undrawn } = drawAll(passedOver, requests, source, untaken, now_ms);
  const skippedIn = (shards: number[]): Skipped =>
    untaken.filter(({ shard }) => shards.includes(shard)).map(({ shard, runner }) => ({ shard, runner }));

  const exhausted = undrawn.filter(
    (request) => explainExhausted(passedOver, request) !== null && !isWaiting(request.shard),
  );
  if (exhausted.length > 0) {
    const skipped = skippedIn(exhausted.map(({ shard }) => shard));
    return { ...NOTHING, skipped, verdicts: decideAll(skip(progress, skipped), exhausted) };
  }
  const reopened = undrawn
    .filter((request) => isReopenedUndrawn(passedOver, request) && !isWaiting(request.shard))
    .map(({ shard }) => shard);
  if (reopened.length > 0) return { ...NOTHING, skipped: skippedIn(reopened), reopened };
  // Makers that are better known by now can make needless what was wanted: then that alone is the news.
  if (requests.length === 0 && listDrawRequests(progress).length > 0 && rosters.length > 0)
    return { ...NOTHING, rosters };
  if (draws.length === 0) return null;
  return { ...NOTHING, skipped: skippedIn(draws.map(({ shard }) => shard)), draws, rosters };
}

/** One lot after the other, for on one shard each changes who is left for the next. */
function drawAll(
  progress: JobProgress,
  requests: readonly DrawRequest[],
  source: DrawSource,
  untaken: readonly Untaken[],
  now_ms: number,
): { draws: Draw[]; undrawn: DrawRequest[] } {
  const draws: Draw[] = [];
  const undrawn: DrawRequest[] = [];
  let next = progress;
  for (const [n, request] of requests.entries()) {
    if (draws.length === DRAWS_MAX) break;
    const draw = makeDraw(next, request, source);
    if (draw === null) undrawn.push(request);
    else if (draw.runners.length === 0 || !draw.runners.every(isWaitedFor(untaken, request.shard))) {
      draws.push(draw);
      if (requests[n + 1]?.shard === request.shard) next = applyDraws(next, [draw], now_ms);
    }
  }
  return { draws, undrawn };
}

/** Whom a shard waits for already, without having given it up: to draw it again would change nothing. */
const isWaitedFor =
  (untaken: readonly Untaken[], shard: number) =>
  (runner: RunnerId): boolean =>
    untaken.some((one) => one.shard === shard && one.runner === runner && !one.isLost);

/** One verdict after the other: whom it convicts has no say in the next. */
function decideAll(progress: JobProgress, requests: readonly DrawRequest[]): Verdict[] {
  const verdicts: Verdict[] = [];
  let next = progress;
  for (const request of requests) {
    const verdict = explainExhausted(next, request);
    if (verdict === null) continue;
    verdicts.push(verdict);
    next = applyVerdict(next, verdict);
  }
  return verdicts;
}

/** The verdict on a disagreement that nobody is left to be asked about; null when there is none to be had. */
function explainExhausted(progress: JobProgress, { shard, purpose, of }: DrawRequest): Verdict | null {
  if (purpose !== "referee") return null;
  const held = shardAt(progress.shards, shard);
  const check = held.checks.find((one) => one.runner === of && isDisputed(one));
  return check === undefined ? null : decideExhausted(progress, shard, held, check);
}

function skip(progress: JobProgress, skipped: Skipped): JobProgress {
  return skipped.length === 0
    ? progress
    : changed(progress, (draft) => {
        for (const { shard, runner } of skipped) passOver(draft, shard, runner);
      });
}
