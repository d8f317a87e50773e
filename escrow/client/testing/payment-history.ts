import type { Decision, Observation } from "../broadcast/decide-broadcast.ts";

/** Blocks behind the tip that can still be given up, and for how many blocks a blockhash is good, both made small. */
const FINALITY = 8;
const LIFETIME = 20;

/** One thing that happens to a sender, its endpoints or the chain. */
export type HistoryEvent =
  | { event: "blocks"; count: number }
  /** A leader takes a transaction that was sent. */
  | { event: "land"; pick: number; fails: boolean }
  /** The fork whose block holds it loses. */
  | { event: "fork" }
  /** The sender takes a step, by an endpoint that is so many blocks behind, or does not answer. */
  | { event: "step"; lag: number; isAvailable: boolean };

interface Sent {
  last_valid_block_height: number;
  wasSent: boolean;
  block: { height: number; fails: boolean } | null;
}

export interface HistoryEnd {
  /** How many transactions did what the payment is for. */
  paid: number;
  /** The most that could land at one time, or had. */
  live_max: number;
}

/**
 * A sender with one payment to make, over a chain with forks, leaders that take a transaction late or never, and endpoints
 * that lag. It signs another transaction only when it was told that the one before has expired.
 */
export function playHistory(
  events: readonly HistoryEvent[],
  decide: (last_valid_block_height: number, seen: Observation, tip: number) => Decision,
): HistoryEnd {
  let tip = 100;
  let isDone = false;
  const signed: Sent[] = [];
  const finalOf = (height: number): number => Math.max(0, height - FINALITY);
  const isLive = ({ block, last_valid_block_height }: Sent): boolean =>
    block !== null || finalOf(tip) <= last_valid_block_height;
  let live_max = 0;

  function sign(): Sent {
    const next = { last_valid_block_height: tip + LIFETIME, wasSent: false, block: null };
    signed.push(next);
    return next;
  }

  function observe(transaction: Sent, lag: number): Observation {
    const finalized_height = finalOf(tip - lag);
    const { block } = transaction;
    if (block === null || block.height > tip - lag) return { status: "absent", finalized_height };
    const status = block.height <= finalized_height ? "finalized" : "confirmed";
    return { status, slot: block.height, err: block.fails ? "InstructionError" : null };
  }

  function step({ lag, isAvailable }: { lag: number; isAvailable: boolean }): void {
    const current = signed.at(-1) ?? sign();
    const seen: Observation = isAvailable ? observe(current, lag) : { status: "unavailable" };
    const decision = decide(current.last_valid_block_height, seen, tip);
    if (decision.action === "send") current.wasSent = true;
    if (decision.action === "expired") sign();
    if (decision.action === "landed") isDone = true;
  }

  for (const event of events) {
    if (event.event === "blocks") tip += event.count;
    if (event.event === "land") {
      const open = signed.filter(
        ({ wasSent, block, last_valid_block_height }) =>
          wasSent && block === null && tip <= last_valid_block_height,
      );
      const taken = open[event.pick % Math.max(1, open.length)];
      if (taken) taken.block = { height: tip, fails: event.fails };
    }
    if (event.event === "fork")
      for (const transaction of signed)
        if (transaction.block !== null && transaction.block.height > finalOf(tip)) transaction.block = null;
    if (event.event === "step" && !isDone) step(event);
    live_max = Math.max(live_max, signed.filter(isLive).length);
  }
  return { paid: signed.filter(({ block }) => block !== null && !block.fails).length, live_max };
}
