import { LIMITS } from "@infernet/schemas/limits";

/** How long earnings can be taken back and results recalled, in ms. Throws Error on a setting that is no time. */
export function holdTime({ HOLD_MS }: Pick<Env, "HOLD_MS">): number {
  if (!HOLD_MS) return LIMITS.hold_ms;
  const hold_ms = Number(HOLD_MS);
  if (Number.isSafeInteger(hold_ms) && hold_ms >= 0 && hold_ms <= LIMITS.hold_ms) return hold_ms;
  throw new Error(`HOLD_MS is ${HOLD_MS}: it must be a whole number of milliseconds up to ${LIMITS.hold_ms}`);
}
