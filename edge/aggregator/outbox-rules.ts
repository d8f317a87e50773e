import type { OutboxKind } from "@infernet/db/aggregator/jobs";
import type { JobProgress } from "@infernet/protocol/job-progress";
import type { JobFact } from "@infernet/schemas/job-fact";
import type { Verdict } from "@infernet/schemas/verification";

/**
 * What a job owes once `fact` is recorded; the same list when that is nothing new.
 *
 * @param after the job's progress with the fact folded in
 */
export function listOwed(
  owed: readonly OutboxKind[],
  fact: JobFact,
  after: JobProgress,
): readonly OutboxKind[] {
  switch (fact.kind) {
    case "leased":
    case "returned":
    case "restarted":
    case "key_granted":
      return owed;
    case "committed":
    case "drawn":
      return fact.verdicts.some(convicts) ? add(owed, "conviction") : owed;
    case "succeeded":
    case "failed":
    case "canceled":
    case "expired":
      return after.providers.size > 0
        ? add(owed, "payment", "index", "reputation")
        : add(owed, "payment", "index");
    case "contradicted":
      return add(owed, "conviction", "slash");
    case "recalled":
      return add(owed, "recall");
    case "upheld":
    case "revoked":
      // What the providers' work was worth has changed with what was checked again.
      return add(
        owed.filter((kind) => kind !== "recall"),
        "payment",
        "reputation",
      );
    default:
      return fact satisfies never;
  }
}

/** What is sent as soon as it is owed, and tried again while the job runs: the rest waits for its end. */
export const URGENT: readonly OutboxKind[] = ["conviction", "slash"];

/** What a job owes that has ended, once somebody contradicts itself in it; the same list when that is nothing new. */
export const oweSlash = (owed: readonly OutboxKind[]): readonly OutboxKind[] =>
  owed.includes("slash") ? owed : add(owed, "slash");

/** Always another list: whoever is sending what stood in the old one leaves the new one alone. */
const add = (owed: readonly OutboxKind[], ...kinds: OutboxKind[]): OutboxKind[] => [
  ...new Set([...owed, ...kinds]),
];

const convicts = ({ answer, check }: Verdict): boolean =>
  answer.ruling === "convicted" || check.ruling === "convicted";

/** What stays owed after these kinds were sent and acknowledged. A running job's line in the index is for its end to strike off. */
export function listStillOwed(
  owed: readonly OutboxKind[],
  sent: readonly OutboxKind[],
  isFinal: boolean,
): OutboxKind[] {
  return owed.filter((kind) => !sent.includes(kind) || kind === "recall" || (kind === "index" && !isFinal));
}
