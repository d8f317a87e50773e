import { LIMITS } from "@infernet/schemas/limits";

export interface Preference {
  /** How long the client is willing to wait for the result, at most `wait_seconds_max`; null: not at all. */
  wait_seconds: number | null;
}

/**
 * The `Prefer` header (RFC 7240). Of a preference given twice the first counts (section 2); what is unknown or has no
 * usable value is ignored, as the RFC asks, never refused.
 */
export function parsePrefer(header: string | undefined): Preference {
  const waits = (header ?? "")
    .split(",")
    .map((preference) => /^\s*wait\s*=\s*("?)([0-9]{1,9})\1\s*(?:;.*)?$/i.exec(preference)?.[2])
    .filter((value) => value !== undefined);
  const [first] = waits;
  return { wait_seconds: first === undefined ? null : Math.min(Number(first), LIMITS.wait_seconds_max) };
}

/** The value of `Preference-Applied` for a wait that was honoured. */
export const renderAppliedWait = (seconds: number): string => `wait=${seconds}`;
