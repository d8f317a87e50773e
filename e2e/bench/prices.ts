/**
 * What Cloudflare charges beyond what the Workers Paid plan includes, in US dollars for a million of each.
 * Read in November 2026 from developers.cloudflare.com: workers/platform/pricing, durable-objects/platform/pricing,
 * d1/platform/pricing, r2/pricing.
 */
export const PRICES = {
  as_of: "2026-11",
  worker_requests: 0.3,
  worker_cpu_ms: 0.02,
  /** RPC calls and alarms count one each. */
  object_requests: 0.15,
  object_gb_s: 12.5,
  rows_read: 0.001,
  /** An alarm set is one. */
  rows_written: 1,
  d1_rows_read: 0.001,
  d1_rows_written: 1,
  r2_class_a: 4.5,
  r2_class_b: 0.36,
} as const;

/** Memory that an object is billed for while it is active, whatever it uses. */
export const OBJECT_GB = 0.128;

export const SECONDS_PER_MONTH = (365.25 * 86_400) / 12;

/** What settlement is worked out with. Assumptions, not readings: edit them to what holds. */
export const SOLANA = {
  as_of: "2026-11-29",
  usd_per_sol: 150,
  /** For each compute unit that a release asks for, used or not. */
  priority_micro_lamports: 10_000n,
} as const;
