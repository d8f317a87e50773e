import { banInForce, listBans, type Mark, projectBan } from "@infernet/protocol/ban-rules";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { Ban } from "@infernet/schemas/provider";

/** The operator's ban. @param until_ms null: for good */
export const decideOperatorBan = (
  id: string,
  detail: string,
  until_ms: number | null,
  now_ms: number,
): Mark => ({
  kind: "banned",
  id,
  at_ms: now_ms,
  reason: "operator",
  detail,
  appeal_until_ms: now_ms + LIMITS.appeal_ms,
  until_ms,
});

/** The objection to the ban in force; it has the ban's id, so there is one. Throws `not_banned` and `appeal_closed`. */
export function decideAppeal(
  provider: RunnerId,
  marks: readonly Mark[],
  detail: string,
  now_ms: number,
): Mark {
  const ban = banInForce(marks, now_ms);
  if (ban === null) throw notBanned(provider);
  if (now_ms > ban.appeal_until_ms) {
    throw new InfernetError(
      "appeal_closed",
      `The ban of ${provider} could be appealed until ${renderInstant(ban.appeal_until_ms)}.`,
    );
  }
  return { kind: "appealed", id: ban.id, at_ms: now_ms, detail };
}

/**
 * The end of every ban, those that are over too, so that nothing is held against the provider any more. Throws
 * `not_banned` when there is none.
 */
export function decideLifts(
  provider: RunnerId,
  marks: readonly Mark[],
  detail: string,
  now_ms: number,
): Mark[] {
  const lifts = listBans(marks).map(({ id }): Mark => ({ kind: "ban_lifted", id, at_ms: now_ms, detail }));
  if (lifts.length === 0) throw notBanned(provider);
  return lifts;
}

/** The ban in force as everybody sees it. Throws `not_banned`. */
export function renderBan(provider: RunnerId, marks: readonly Mark[], now_ms: number): Ban {
  const ban = projectBan(marks, now_ms);
  if (ban === null) throw notBanned(provider);
  return ban;
}

const notBanned = (provider: RunnerId): InfernetError =>
  new InfernetError("not_banned", `${provider} is not banned.`);
