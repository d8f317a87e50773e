import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { Ban, Offence, ReputationEvent } from "@infernet/schemas/provider";

type EventOf<Kind extends ReputationEvent["kind"]> = Extract<ReputationEvent, { kind: Kind }>;

/** The ledger's rare entries, which change how its others count. */
export type Mark = EventOf<"convicted" | "banned" | "appealed" | "ban_lifted" | "amnesty">;
type Banned = EventOf<"banned">;
type Convicted = EventOf<"convicted">;

export const isMark = (event: ReputationEvent): event is Mark =>
  event.kind !== "work" && event.kind !== "uptime";

/**
 * The ban that follows from a conviction: a week, a month, and then for good.
 *
 * @param before offences that were punished before this one: see `countOffences`
 */
export function banFor(conviction: Convicted, before: number): Banned {
  const lasts_ms = [LIMITS.ban_ms_first, LIMITS.ban_ms_second][before] ?? null;
  return {
    kind: "banned",
    id: conviction.id,
    at_ms: conviction.at_ms,
    reason: REASONS[conviction.as],
    detail: `${describeOffence(conviction)}; the job's receipt has the evidence`,
    appeal_until_ms: conviction.at_ms + LIMITS.appeal_ms,
    until_ms: lasts_ms === null ? null : conviction.at_ms + lasts_ms,
  };
}

const REASONS: Readonly<Record<Offence, Banned["reason"]>> = {
  answer: "wrong_answer",
  check: "wrong_check",
  contradiction: "contradiction",
};

function describeOffence({ as, shard, job_id }: Convicted): string {
  const place = `shard ${shard} of ${job_id}`;
  switch (as) {
    case "answer":
      return `an answer for ${place} was wrong`;
    case "check":
      return `a check for ${place} was wrong`;
    case "contradiction":
      return `two answers for ${place} were signed under one lease`;
    default:
      return as satisfies never;
  }
}

/**
 * Offences whose ban was over at a time: a machine that answers wrongly is convicted in several jobs at once, so bans
 * that overlap punish one offence.
 */
export function countOffences(marks: readonly Mark[], at_ms: number): number {
  const bans = listBans(marks)
    .filter(({ reason, until_ms }) => reason !== "operator" && until_ms !== null && until_ms <= at_ms)
    .sort((a, b) => a.at_ms - b.at_ms);
  let offences = 0;
  let end_ms = Number.NEGATIVE_INFINITY;
  for (const { at_ms: from_ms, until_ms } of bans) {
    if (from_ms >= end_ms) offences += 1;
    end_ms = Math.max(end_ms, until_ms ?? end_ms);
  }
  return offences;
}

/** The ban that holds now, of several the one that lasts longest; null when there is none. */
export function projectBan(marks: readonly Mark[], now_ms: number): Ban | null {
  const ban = banInForce(marks, now_ms);
  if (ban === null) return null;
  return {
    reason: ban.reason,
    detail: ban.detail,
    since: renderInstant(ban.at_ms),
    until: ban.until_ms === null ? null : renderInstant(ban.until_ms),
    appeal_until: renderInstant(ban.appeal_until_ms),
    appealed: marks.some((mark) => mark.kind === "appealed" && mark.id === ban.id),
  };
}

/** The same as the ledger's entry, whose id an appeal takes. */
export function banInForce(marks: readonly Mark[], now_ms: number): Banned | null {
  const bans = listBans(marks).filter((ban) => endOf(ban) > now_ms);
  bans.sort((a, b) => compare(endOf(b), endOf(a)) || compare(b.at_ms, a.at_ms) || (a.id < b.id ? -1 : 1));
  return bans[0] ?? null;
}

/** Bans that were not lifted, over or not. */
export const listBans = (marks: readonly Mark[]): Banned[] =>
  marks.filter((mark) => mark.kind === "banned").filter((mark) => !isLifted(marks, mark));

/** Convictions that count: whose ban was lifted is acquitted, as if there had been none. */
export const listConvictions = (marks: readonly Mark[]): Convicted[] =>
  marks.filter((mark) => mark.kind === "convicted").filter((mark) => !isLifted(marks, mark));

/**
 * The conviction, the earliest of several, that a provider's work falls under: its hold is taken back and its job is
 * recalled. It falls under one if it was still held then, or if its job ended before the ban did: a job that was running
 * at the time ends later, with answers from before.
 */
export function convictionOver(
  marks: readonly Mark[],
  work: Pick<EventOf<"work">, "at_ms" | "held_until_ms">,
): Convicted | null {
  const over = listConvictions(marks).filter(
    (conviction) => work.held_until_ms > conviction.at_ms && work.at_ms <= banEnd(marks, conviction),
  );
  over.sort((a, b) => a.at_ms - b.at_ms || (a.id < b.id ? -1 : 1));
  return over[0] ?? null;
}

/**
 * The conviction for which a job's result is recalled: the one that the provider's work in it falls under. None in a job
 * that convicted the provider itself, for it has dealt with what the provider did there.
 */
export function recallFor(marks: readonly Mark[], work: EventOf<"work">): Convicted | null {
  const conviction = convictionOver(marks, work);
  const isOwn = marks.some((mark) => mark.kind === "convicted" && mark.job_id === work.id);
  return isOwn ? null : conviction;
}

/** Whether a failure at that time is excused. */
export const isExcused = (marks: readonly Mark[], at_ms: number): boolean =>
  marks.some((mark) => mark.kind === "amnesty" && at_ms >= mark.from_ms && at_ms <= mark.to_ms);

/** A lift has the id of the ban that it ends, which is that of the conviction behind it. */
const isLifted = (marks: readonly Mark[], { id }: Mark): boolean =>
  marks.some((mark) => mark.kind === "ban_lifted" && mark.id === id);

/** For sorting, where infinity may stand on both sides. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

const endOf = ({ until_ms }: Banned): number => until_ms ?? Number.POSITIVE_INFINITY;

function banEnd(marks: readonly Mark[], conviction: Convicted): number {
  const ban = marks.find((mark) => mark.kind === "banned" && mark.id === conviction.id);
  return ban?.kind === "banned" ? endOf(ban) : conviction.at_ms;
}
