import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { MicroAmount } from "../money.ts";
import { DirectId } from "./direct-offer.ts";

/** Why a provider does not take a direct job, or could not do it, with the way out. */
export const DIRECT_REFUSALS = {
  not_taking: { retryable: false, hint: "Choose a provider whose record says that it takes direct jobs." },
  not_allowed: {
    retryable: false,
    hint: "Ask its owner to add your id to `direct.allow`; `infernet-runner id --client` prints it.",
  },
  offer_invalid: {
    retryable: false,
    hint: "Sign a well-formed offer with the key of the connection, for this provider.",
  },
  clock_skew: { retryable: false, hint: "Set the clocks of both machines; they may differ by two minutes." },
  expired: { retryable: false, hint: "Make a new offer with a later deadline." },
  too_lasting: { retryable: false, hint: "Let the offer's deadline be at most ten minutes after its issue." },
  offer_changed: { retryable: false, hint: "An id names one offer: make a new one for another." },
  result_gone: {
    retryable: false,
    hint: "The job was done and its result is no longer kept. Make a new offer if it is still needed.",
  },
  model_unknown: {
    retryable: false,
    hint: "Choose a provider that has the model: `infernet-runner run` without --direct looks for one.",
  },
  model_sealed: { retryable: false, hint: "Send such a job through an edge." },
  too_large: { retryable: false, hint: "Cut the job into smaller ones, or send it through an edge." },
  price_too_low: { retryable: false, hint: "Offer at least what `price_micro` says." },
  payment_kind: { retryable: false, hint: "Pay in one of the ways that the provider's record lists." },
  payment_invalid: {
    retryable: false,
    hint: "Mend what `detail` names; docs/direct-jobs.md says what a voucher must be.",
  },
  chain_unavailable: {
    retryable: true,
    hint: "The provider cannot read the chain just now: ask again in a moment.",
  },
  busy: { retryable: true, hint: "Ask again in a moment, or choose another provider." },
  paused: { retryable: true, hint: "Its owner uses the machine. Choose another provider." },
  inputs_invalid: {
    retryable: false,
    hint: "Send the rows that the offer names, as the model's manifest says.",
  },
  failed: {
    retryable: false,
    hint: "`detail` has the engine's reason. Try another provider, or other rows.",
  },
} as const satisfies Record<string, { retryable: boolean; hint: string }>;

export type DirectRefusalCode = keyof typeof DIRECT_REFUSALS;
const CODES = Object.keys(DIRECT_REFUSALS) as [DirectRefusalCode, ...DirectRefusalCode[]];

/** A provider's no. `hint` and `retryable` stand in the catalogue: what a peer sends is never shown as this program's own word. */
export const DirectRefusal = z.strictObject({
  type: z.literal("refused"),
  /** Null where what was sent names no offer. */
  offer: DirectId.nullable(),
  code: z.enum(CODES),
  detail: z.string().max(LIMITS.direct_detail_chars_max),
  /** With `price_too_low`: what it would be done for. */
  price_micro: MicroAmount.nullable(),
});
export type DirectRefusal = z.infer<typeof DirectRefusal>;

/** A refusal on its way to being one. */
export class DirectRefused extends Error {
  readonly code: DirectRefusalCode;
  readonly price_micro: MicroAmount | null;

  constructor(code: DirectRefusalCode, detail: string, price_micro: MicroAmount | null = null) {
    super(detail.slice(0, LIMITS.direct_detail_chars_max));
    this.name = "DirectRefused";
    this.code = code;
    this.price_micro = price_micro;
  }
}
