import type { Earning, RipeSum } from "@infernet/schemas/earning";
import { JobId } from "@infernet/schemas/ids";
import type { Transfer } from "@infernet/schemas/ledger";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { convictionOver, type Mark } from "../ban-rules.ts";
import { earn, move } from "./provider-book.ts";

type Work = Extract<ReputationEvent, { kind: "work" }>;

/** An earning as it becomes, and how the book says so. */
export interface EarningChange {
  earning: Earning;
  transfers: Transfer[];
}

/**
 * What a job's word on a provider's work does to its earnings. Told again after a recall, it may be worth more or less; what
 * is payable by then stays as it is. Null when nothing changes.
 */
export function decideEarning(
  known: Earning | null,
  event: Work,
  marks: readonly Mark[],
): EarningChange | null {
  const { at_ms, pay } = event;
  const micro = BigInt(event.tally.earned_micro);
  if (known !== null && known.state !== "held" && known.state !== "taken_back") return null;
  const amount = micro - (known?.micro ?? 0n);
  if (amount === 0n && known === null) return null;
  const state = known?.state ?? (convictionOver(marks, event) === null ? "held" : "taken_back");
  const earning: Earning = {
    job_id: JobId.parse(event.id),
    unit: pay.unit,
    escrow: pay.escrow,
    micro,
    fee: BigInt(pay.fee_micro),
    at_ms,
    ripens_ms: event.held_until_ms,
    state,
    payout: null,
  };
  const id = `earn:${event.id}:${at_ms}`;
  const transfers = amount === 0n ? [] : [earn({ id, unit: pay.unit, amount, at_ms }, state)];
  return { earning, transfers };
}

/**
 * What a conviction, or its being lifted, does to an earning that is not on its way yet. Null when nothing changes.
 *
 * @param cause names what happened, so that the transfer's id is its own
 */
export function decideTakeBack(
  known: Earning,
  marks: readonly Mark[],
  cause: string,
  at_ms: number,
): EarningChange | null {
  const { state, job_id, unit, micro } = known;
  const isTaken = convictionOver(marks, { at_ms: known.at_ms, held_until_ms: known.ripens_ms }) !== null;
  if (isTaken ? state !== "held" && state !== "payable" : state !== "taken_back") return null;
  const next = isTaken ? "taken_back" : "held";
  const id = `${isTaken ? "take" : "give"}:${job_id}:${cause}`;
  const transfers = micro === 0n ? [] : [move({ id, unit, amount: micro, at_ms }, state, next)];
  return { earning: { ...known, state: next }, transfers };
}

/** What is held no longer becomes payable. A job is not held twice at one time, so the transfer's id is its own. */
export const ripen = ({ unit, micro, last_job }: RipeSum, now_ms: number): Transfer =>
  move({ id: `ripen:${last_job}:${now_ms}`, unit, amount: micro, at_ms: now_ms }, "held", "payable");
