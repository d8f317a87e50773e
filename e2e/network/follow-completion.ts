import { setTimeout as delay } from "node:timers/promises";
import { isFinal } from "@infernet/protocol/job-progress";
import type { JobId } from "@infernet/schemas/ids";
import type { JobEvent } from "@infernet/schemas/job-event";
import { type ApiClient, ApiProblem } from "./api-client.ts";

const RECONNECT_MS = 50;

/** What a reader had of a streamed job of one row, all connections together. */
export interface FollowedCompletion {
  text: string;
  positions: number;
  /** Other events, in order. */
  types: JobEvent["type"][];
  finished: JobEvent["finished"] | null;
}

/**
 * Reads a streamed job of one row to its end, over as many connections as it takes: each goes on after the last event seen.
 * Throws where a position is missing or comes twice.
 * @param onPosition told how many positions there are, whenever there are more
 */
export async function followCompletion(
  client: ApiClient,
  id: JobId,
  onPosition: (positions: number) => void = () => undefined,
): Promise<FollowedCompletion> {
  const read: FollowedCompletion = { text: "", positions: 0, types: [], finished: null };
  let last: JobEvent | undefined;
  for (;;) {
    try {
      const after = last === undefined ? undefined : `${last.seq}.${read.positions}`;
      for await (const event of client.streamEvents(id, after)) {
        last = event;
        if (event.tokens === undefined) read.types.push(event.type);
        else addParts(read, event.tokens);
        read.finished = event.finished ?? read.finished;
        if (event.tokens !== undefined) onPosition(read.positions);
      }
    } catch (error) {
      if (error instanceof StreamBroken) throw error;
      if (error instanceof ApiProblem && !error.problem.retryable) throw error;
    }
    if (last && isFinal(last.state)) return read;
    await delay(RECONNECT_MS);
  }
}

class StreamBroken extends Error {}

function addParts(read: FollowedCompletion, { start, parts }: NonNullable<JobEvent["tokens"]>): void {
  if (start !== read.positions)
    throw new StreamBroken(`position ${start} came where ${read.positions} was due`);
  read.positions += parts.length;
  read.text += parts.map(({ text }) => text).join("");
}
