import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Ban } from "@infernet/schemas/provider";

const REASONS: Record<Ban["reason"], string> = {
  wrong_answer: "for a wrong answer",
  wrong_check: "for a wrong check of another's answer",
  contradiction: "for signing two answers to one lease",
  operator: "by the operator",
};

/** Throws `provider_banned`, with the reason, the end and how to appeal. */
export function assertNotBanned(id: RunnerId, ban: Ban | null): void {
  if (ban === null) return;
  const until = ban.until === null ? "for good" : `until ${ban.until}`;
  const appeal = ban.appealed
    ? "It has appealed, and the operator will decide."
    : `POST /runner/appeal takes an objection until ${ban.appeal_until}.`;
  throw new InfernetError(
    "provider_banned",
    `${id} is banned ${until} ${REASONS[ban.reason]}: ${ban.detail}. ${appeal}`,
  );
}
