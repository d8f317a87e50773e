import type { EarningSums, EarningView } from "@infernet/schemas/earning";
import { parseInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import { renderAmount, renderUnits } from "./render-amount.ts";
import { renderSecond } from "./render-second.ts";

const MINIMUM = BigInt(LIMITS.payout_micro_min);

/**
 * One line: what the owner can do next, or why there is nothing to do.
 *
 * @param jobs those that are listed above the line
 * @param withdraw the command that has money sent
 */
export function nextStep(
  sums: readonly EarningSums[],
  jobs: readonly EarningView[],
  withdraw: string,
): string {
  const enough = sums.filter(({ payable_micro }) => BigInt(payable_micro) >= MINIMUM);
  if (enough.length > 0) return `${amounts(enough, "payable_micro")} can be sent now: ${withdraw}`;
  const payable = amounts(sums, "payable_micro");
  const held = amounts(sums, "held_micro");
  const waiting = [
    payable && `${payable} payable, and a payout takes at least ${renderUnits(MINIMUM)}`,
    held && `${held} held ${heldUntil(jobs)}`,
  ].filter((part) => part !== "");
  if (waiting.length > 0) return `Nothing can be sent yet: ${waiting.join("; ")}.`;
  const ordered = amounts(sums, "ordered_micro");
  if (ordered !== "") return `${ordered} on the way; this command tells how it comes out.`;
  if (amounts(sums, "paid_micro") !== "") return "Everything that could be sent has been paid.";
  if (amounts(sums, "taken_back_micro") !== "")
    return "There is nothing to send: work of this machine was found wrong, and what it earned was taken back.";
  return jobs.length > 0
    ? "There is nothing to send: the jobs above came to nothing in the end."
    : "Nothing has been earned yet: no paid job that this machine worked on has ended. Leave `infernet-runner start` running.";
}

/** What lies in one state, of each unit that has some; empty when none has. */
function amounts(sums: readonly EarningSums[], state: keyof Omit<EarningSums, "unit">): string {
  return sums
    .filter((entry) => entry[state] !== "0")
    .map((entry) => renderAmount(BigInt(entry[state]), entry.unit))
    .join(" and ");
}

function heldUntil(jobs: readonly EarningView[]): string {
  const ends = jobs
    .filter(({ state }) => state === "held")
    .map(({ held_until }) => held_until)
    .sort((a, b) => parseInstant(a) - parseInstant(b));
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined) return "in jobs older than those listed";
  return first === last
    ? `until ${renderSecond(first)} UTC`
    : `until ${renderSecond(first)} UTC for the first of the jobs above, ${renderSecond(last)} UTC for the last`;
}
