import { setTimeout as delay } from "node:timers/promises";
import type { JobId } from "@infernet/schemas/ids";
import type { JobState } from "@infernet/schemas/job";
import type { JobEvent } from "@infernet/schemas/job-event";
import { type ApiClient, ApiProblem } from "./api-client.ts";

const RECONNECT_MS = 100;
const FINAL: ReadonlySet<JobState> = new Set(["succeeded", "failed", "canceled", "expired"]);

export const isFinal = (state: JobState): boolean => FINAL.has(state);

/** A job's events to its end, over as many connections as it takes: each resumes after the last event seen. */
export async function* followJob(client: ApiClient, id: JobId): AsyncGenerator<JobEvent> {
  let last: JobEvent | undefined;
  for (;;) {
    try {
      for await (const event of client.streamEvents(id, last?.seq)) {
        last = event;
        yield event;
      }
    } catch (error) {
      if (error instanceof ApiProblem && !error.problem.retryable) throw error;
    }
    if (last && isFinal(last.state)) return;
    await delay(RECONNECT_MS);
  }
}
