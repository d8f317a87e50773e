import { setTimeout as delay } from "node:timers/promises";
import { isFinal } from "@infernet/protocol/job-progress";
import type { JobId } from "@infernet/schemas/ids";
import type { JobEvent } from "@infernet/schemas/job-event";
import { type ApiClient, ApiProblem } from "./api-client.ts";

const RECONNECT_MS = 100;

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

/** All of a job's events, once it has ended. */
export async function collectEvents(client: ApiClient, id: JobId): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of followJob(client, id)) events.push(event);
  return events;
}
