import { OBJECT_GB, PRICES } from "../prices.ts";
import type { Usage } from "./usage.ts";

/**
 * Time that an object is taken to be active for each request to it. On this machine it is a fraction of a millisecond,
 * for storage and the other objects are next door; in the cloud they are not.
 */
export const OBJECT_MS_PER_REQUEST = 20;

/** Dollars for a million jobs, by what they are paid for. */
export interface Cost {
  worker: number;
  object_requests: number;
  object_time: number;
  rows_written: number;
  rows_read: number;
  d1: number;
  r2: number;
  total: number;
}

/** @param cpu_ms processor time of one job in the edge: all of it is charged as the Worker's */
export function costPerMillion(usage: Usage, cpu_ms: number): Cost {
  const active_ms = Math.max(usage.object_active_ms, usage.object_requests * OBJECT_MS_PER_REQUEST);
  const parts = {
    worker: usage.worker_requests * PRICES.worker_requests + cpu_ms * PRICES.worker_cpu_ms,
    object_requests: usage.object_requests * PRICES.object_requests,
    object_time: (active_ms / 1_000) * OBJECT_GB * PRICES.object_gb_s,
    rows_written: usage.rows_written * PRICES.rows_written,
    rows_read: usage.rows_read * PRICES.rows_read,
    d1: usage.d1_rows_written * PRICES.d1_rows_written + usage.d1_rows_read * PRICES.d1_rows_read,
    r2: usage.r2_class_a * PRICES.r2_class_a + usage.r2_class_b * PRICES.r2_class_b,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, dollars) => sum + dollars, 0) };
}
