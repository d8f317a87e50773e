import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { DirectOffer } from "@infernet/schemas/peer/direct-offer";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";
import type { Availability, DirectPayment } from "@infernet/schemas/peer/peer-record";

/** What a provider's owner has said about direct jobs. */
export interface DirectPolicy {
  /** Ways in which they may be paid; none: it takes no direct jobs. */
  payments: readonly DirectPayment[];
  /** Who may ask for them; null: anybody. */
  allow: readonly RunnerId[] | null;
}

/** What the provider has in hand. */
export interface DirectLoad {
  availability: Availability;
  /** Accepted and not answered. */
  open: number;
  open_of_client: number;
  /** Remembered, answered ones included. */
  kept: number;
  kept_of_client: number;
}

/**
 * Whether a provider takes a new offer, its price aside. What costs nothing to check comes first.
 *
 * @param from whose key the connection has
 * @throws DirectRefused
 */
export function assertOffer(
  offer: DirectOffer,
  from: RunnerId,
  own: RunnerId,
  policy: DirectPolicy,
  load: DirectLoad,
  now_ms: number,
): void {
  if (policy.payments.length === 0) refuse("not_taking", "this provider takes no direct jobs");
  if (offer.client !== from)
    refuse("offer_invalid", `the offer is ${offer.client}'s, and the connection is ${from}'s`);
  if (offer.provider !== own) refuse("offer_invalid", `the offer is for ${offer.provider}, not for ${own}`);
  if (policy.allow !== null && !policy.allow.includes(from))
    refuse("not_allowed", `${from} is not among those who may ask this provider`);
  assertTimes(offer, now_ms);
  const kind = offer.payment.kind;
  if (!policy.payments.includes(kind))
    refuse("payment_kind", `the offer is paid as ${kind}; taken is ${policy.payments.join(" or ")}`);
  assertRoom(load);
}

function assertTimes({ issued_ms, deadline_ms }: DirectOffer, now_ms: number): void {
  const skew_ms = LIMITS.peer_clock_skew_ms_max;
  const ahead_ms = issued_ms - now_ms;
  if (ahead_ms > skew_ms)
    refuse("clock_skew", `the offer was issued ${ahead_ms} ms from now; at most ${skew_ms} are believed`);
  if (deadline_ms <= now_ms) refuse("expired", `the offer's deadline was ${now_ms - deadline_ms} ms ago`);
  const lasting_ms = deadline_ms - issued_ms;
  if (lasting_ms > LIMITS.direct_offer_ms_max)
    refuse("too_lasting", `the offer lasts ${lasting_ms} ms; at most ${LIMITS.direct_offer_ms_max}`);
}

function assertRoom({ availability, open, open_of_client, kept, kept_of_client }: DirectLoad): void {
  if (availability === "paused") refuse("paused", "this provider is paused");
  const rules = [
    [open, LIMITS.direct_jobs_max, "direct jobs in hand"],
    [open_of_client, LIMITS.direct_jobs_per_client_max, "direct jobs of this client in hand"],
    [kept, LIMITS.direct_offers_kept_max, "offers to remember"],
    [kept_of_client, LIMITS.direct_offers_per_client_max, "offers of this client to remember"],
  ] as const;
  for (const [there, most, what] of rules)
    if (there >= most) refuse("busy", `the provider has ${there} ${what}; at most ${most}`);
}

function refuse(...[code, detail]: ConstructorParameters<typeof DirectRefused>): never {
  throw new DirectRefused(code, detail);
}

/** Until when an offer must be remembered: nobody takes it any more after that, whatever their clock says. */
export const rememberedUntil = ({ deadline_ms }: DirectOffer): number =>
  deadline_ms + 2 * LIMITS.peer_clock_skew_ms_max;
