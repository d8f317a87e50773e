import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Ruling, Verdict, Zone } from "@infernet/schemas/verification";
import type { Check, JobProgress, ShardProgress } from "./job-progress.ts";
import { isDisputed, zoneWith } from "./shard-state.ts";

/**
 * Lead of agreeing votes that decides a disagreement where there is no trusted referee. With 30 % liars the wrong side
 * gets it first with probability 1 / (1 + (7/3)^3) = 0.07 (gambler's ruin): a trusted referee is better.
 */
const LEAD = 3;

/** The verdict on each disagreement about a shard that can be decided now. */
export function decideVerdicts(progress: JobProgress, index: number, shard: ShardProgress): Verdict[] {
  return shard.checks
    .filter(isDisputed)
    .flatMap((check) => decideDispute(progress, index, shard, check) ?? []);
}

/** A trusted referee's run decides; without one, a clear lead of fresh runs that were drawn for it. */
function decideDispute(
  progress: JobProgress,
  index: number,
  shard: ShardProgress,
  check: Check,
): Verdict | null {
  const runs = refereeRuns(progress, shard, check);
  const trusted = runs.find(({ runner }) => progress.known.get(runner)?.referee === true);
  if (trusted !== undefined) return ruleByReferee(index, shard, check, trusted);
  const { lead, neutral } = countVotes(shard, check, runs);
  if (Math.abs(lead) >= LEAD) return ruleByVotes(index, shard, check, runs);
  if (neutral > 0 && !isFraud(shard, check)) return letBothStand(index, shard, check, runs);
  return runs.length >= LIMITS.votes_max ? dismiss(index, shard, check) : null;
}

/**
 * The verdict when nobody is left to be asked: whoever leads, by however little, is right; with no lead nobody is
 * punished and the shard is computed anew. Null when no run has been made at all.
 */
export function decideExhausted(
  progress: JobProgress,
  index: number,
  shard: ShardProgress,
  check: Check,
): Verdict | null {
  const runs = refereeRuns(progress, shard, check);
  if (runs.length === 0) return null;
  return countVotes(shard, check, runs).lead === 0
    ? dismiss(index, shard, check)
    : ruleByVotes(index, shard, check, runs);
}

/** The runs that were made to decide about this check, of those who still have a say. */
export function refereeRuns(progress: JobProgress, shard: ShardProgress, check: Check): Check[] {
  return shard.checks.filter(
    (run) =>
      run.role === "referee" &&
      run.of === check.runner &&
      run.state === "answered" &&
      !progress.convicted.has(run.runner),
  );
}

function ruleByReferee(index: number, shard: ShardProgress, check: Check, referee: Check): Verdict {
  const maker = makerOf(shard);
  const punish = isFraud(shard, check);
  return {
    shard: index,
    answer: { runner: maker, ruling: rule(zoneWith(referee, maker), punish) },
    check: { runner: check.runner, ruling: rule(zoneWith(referee, check.runner), punish) },
    referees: [referee.runner],
  };
}

/** Nobody is punished for a difference that honest machines might show. */
function rule(zone: Zone | null, punish: boolean): Ruling {
  if (zone === "match") return "stands";
  return zone === "fraud" && punish ? "convicted" : "set_aside";
}

/** Votes for the answer less those for the check, and the runs that agree with both. */
function countVotes(shard: ShardProgress, check: Check, runs: readonly Check[]) {
  const maker = makerOf(shard);
  let lead = 0;
  let neutral = 0;
  for (const run of runs) {
    const forAnswer = zoneWith(run, maker) === "match";
    const forCheck = zoneWith(run, check.runner) === "match";
    if (forAnswer && forCheck) neutral += 1;
    else if (forAnswer) lead += 1;
    else if (forCheck) lead -= 1;
  }
  return { lead, neutral };
}

function ruleByVotes(index: number, shard: ShardProgress, check: Check, runs: readonly Check[]): Verdict {
  const { lead } = countVotes(shard, check, runs);
  const lost: Ruling = isFraud(shard, check) ? "convicted" : "set_aside";
  return {
    shard: index,
    answer: { runner: makerOf(shard), ruling: lead < 0 ? lost : "stands" },
    check: { runner: check.runner, ruling: lead > 0 ? lost : "stands" },
    referees: runs.map(({ runner }) => runner),
  };
}

/** What one run agrees with on both sides is as far apart as honest machines may be. */
const letBothStand = (
  index: number,
  shard: ShardProgress,
  check: Check,
  runs: readonly Check[],
): Verdict => ({
  shard: index,
  answer: { runner: makerOf(shard), ruling: "stands" },
  check: { runner: check.runner, ruling: "stands" },
  referees: runs.map(({ runner }) => runner),
});

/** Whether a check differs from the answer by more than honest machines can. */
const isFraud = (shard: ShardProgress, check: Check): boolean => zoneWith(check, makerOf(shard)) === "fraud";

const dismiss = (index: number, shard: ShardProgress, check: Check): Verdict => ({
  shard: index,
  answer: { runner: makerOf(shard), ruling: "set_aside" },
  check: { runner: check.runner, ruling: "set_aside" },
  referees: [],
});

function makerOf(shard: ShardProgress): RunnerId {
  if (shard.answer === null) throw new Error("there is no answer to disagree about");
  return shard.answer.runner;
}
