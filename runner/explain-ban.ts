import type { Ban } from "@infernet/schemas/provider";
import type { EdgeClient } from "./transport/edge-client.ts";
import type { EdgeRefusal } from "./transport/edge-error.ts";

const REASONS: Record<Ban["reason"], string> = {
  wrong_answer: "an answer of it was found wrong",
  wrong_check: "it was found wrong when it checked another's answer",
  contradiction: "it signed two answers to one lease",
  operator: "the operator decided so",
};

/** Why, until when, and how long there is to object, by the edge's own record; what the refusal said where it has none. */
export async function explainBan(
  client: Pick<EdgeClient, "getBan">,
  refusal: EdgeRefusal,
  signal: AbortSignal,
): Promise<string> {
  const ban = await client.getBan(signal).catch(() => null);
  return ban ? renderBan(ban) : refusal.message;
}

/** A sentence or two for the operator of the runner. */
export function renderBan({ reason, detail, until, appeal_until, appealed }: Ban): string {
  const why = `${REASONS[reason]}${detail === "" ? "" : ` (${detail})`}`;
  const objection = appealed
    ? "an objection has been made and waits for the operator"
    : `objections are heard until ${appeal_until}`;
  return `this runner is banned ${until === null ? "for good" : `until ${until}`}: ${why}; ${objection}`;
}
