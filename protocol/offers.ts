import type { AccountId, JobId, RunnerId } from "@infernet/schemas/ids";
import type { Capability } from "@infernet/schemas/runner";
import { isFit, type Need } from "./match.ts";

/** A job that has shards for runners, as the dispatcher knows it: a hint, never the truth about a lease. */
export interface Offer {
  job_id: JobId;
  account_id: AccountId;
  need: Need;
  /** Leases the job was open for when it last said so, less those asked for since. */
  ready: number;
  /** Runners that got nothing from this offer; forgotten when the job offers again. */
  declined: ReadonlySet<RunnerId>;
  /** Runners that checks were drawn for, which nobody else may make. */
  assigned: ReadonlySet<RunnerId>;
  /** Turn at which the job was last served or, before that, offered: the smallest comes next. */
  served_turn: number;
}

/** What a runner may be given: any work, only disagreements that it was drawn to decide, or nothing. */
export type Duty = "work" | "disputes" | "none";

export interface WaitingRunner {
  id: RunnerId;
  capability: Capability;
  duty: Duty;
}

/**
 * Fair turns: what was drawn for this very runner comes first, because somebody waits for it alone; then the client served
 * longest ago, and of its jobs the one served longest ago. So a client with a thousand jobs gets as many turns as one
 * with a single job, and no job starves.
 *
 * @param clientTurns the turn at which each client was last served; a client not in it has never been
 */
export function pickOffer<Known extends Offer>(
  offers: Iterable<Known>,
  clientTurns: ReadonlyMap<AccountId, number>,
  runner: WaitingRunner,
): Known | null {
  let best: Known | null = null;
  for (const offer of offers) {
    if (!fits(offer, runner)) continue;
    if (best === null || comesBefore(offer, best, runner, clientTurns)) best = offer;
  }
  return best;
}

export const fits = (offer: Offer, runner: WaitingRunner): boolean =>
  isAssigned(offer, runner) || isOpenTo(offer, runner);

/** Whether a check of the job waits for this runner, whatever else the job has. */
export const isAssigned = (offer: Offer, { id, duty }: WaitingRunner): boolean =>
  duty !== "none" && offer.assigned.has(id);

const isOpenTo = (offer: Offer, runner: WaitingRunner): boolean =>
  runner.duty === "work" && offer.ready > 0 && !offer.declined.has(runner.id) && isFit(runner, offer.need);

function comesBefore(
  a: Offer,
  b: Offer,
  runner: WaitingRunner,
  clientTurns: ReadonlyMap<AccountId, number>,
): boolean {
  const isDrawn = isAssigned(a, runner);
  if (isDrawn !== isAssigned(b, runner)) return isDrawn;
  const clientA = clientTurns.get(a.account_id) ?? -1;
  const clientB = clientTurns.get(b.account_id) ?? -1;
  return clientA !== clientB ? clientA < clientB : a.served_turn < b.served_turn;
}
