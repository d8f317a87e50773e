import type { MicroAmount } from "@infernet/schemas/money";
import {
  DIRECT_REFUSALS,
  type DirectRefusal,
  type DirectRefusalCode,
} from "@infernet/schemas/peer/direct-refusal";

/** A provider said no to a direct job. */
export class ProviderRefusal extends Error {
  readonly code: DirectRefusalCode;
  readonly retryable: boolean;
  readonly hint: string;
  /** With `price_too_low`: what it would be done for. */
  readonly price_micro: MicroAmount | null;

  constructor({ code, detail, price_micro }: DirectRefusal) {
    super(detail);
    this.name = "ProviderRefusal";
    this.code = code;
    this.retryable = DIRECT_REFUSALS[code].retryable;
    this.hint = DIRECT_REFUSALS[code].hint;
    this.price_micro = price_micro;
  }
}
