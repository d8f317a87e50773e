import { setTimeout as delay } from "node:timers/promises";
import { isFinal } from "@infernet/protocol/job-progress";
import type { Lease } from "@infernet/schemas/runner";
import { tinyJob } from "../../live/tiny-job.ts";
import type { ApiClient } from "../../network/api-client.ts";
import { until } from "../../network/until.ts";

/** Time for the edge to come to rest and the runner to park again; drawn anew each time, so that no rhythm sets in. */
const PAUSE_MS_MIN = 20;
const PAUSE_MS_SPREAD = 30;

/** Where the runners of the measurement report the leases they get. */
export class LeaseWatch {
  #take: ((at_ms: number) => void) | null = null;

  readonly note = (leases: readonly Lease[], at_ms: number): void => {
    if (leases.length === 0) return;
    this.#take?.(at_ms);
    this.#take = null;
  };

  /** When the next lease arrives at any runner. */
  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  }
}

/**
 * Jobs of one row, one at a time.
 * @returns from `POST /jobs` sent to the lease arriving at its runner, in ms, for each job
 */
export async function measurePickup(
  client: ApiClient,
  watch: LeaseWatch,
  samples: number,
): Promise<number[]> {
  const job = tinyJob(1);
  const latencies: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const leased = watch.next();
    const sent = performance.now();
    const { id } = await client.createJob(job);
    latencies.push((await leased) - sent);
    await until("the end of the job", async () => {
      const { state } = await client.getJob(id);
      return isFinal(state) ? state : null;
    });
    await delay(PAUSE_MS_MIN + Math.random() * PAUSE_MS_SPREAD);
  }
  return latencies;
}
