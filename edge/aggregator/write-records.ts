import { renderInstant } from "@infernet/schemas/instant";
import type { Job } from "@infernet/schemas/job";
import type { JobEvent } from "@infernet/schemas/job-event";
import type { SSEStreamingApi } from "hono/streaming";
import { type EventPlace, renderEventId } from "./event-id.ts";
import type { StreamRecord } from "./stream-records.ts";

/** Sends a streamed job's records as its events, each with the id that resumes after it. Stops reading when the client goes. */
export async function writeRecords(
  sse: SSEStreamingApi,
  records: ReadableStream<StreamRecord>,
  { id: job_id, shards, state, progress }: Pick<Job, "id" | "state" | "progress"> & { shards: number },
  from: EventPlace,
): Promise<void> {
  const reader = records.getReader();
  sse.onAbort(() => reader.cancel());
  const place = {
    after: from.after,
    positions: Array.from({ length: shards }, (_, n) => from.positions[n] ?? 0),
  };
  let frame = { job_id, state, progress, runner: null, verdicts: [], reason: null };
  const send = (event: JobEvent): Promise<void> =>
    sse.writeSSE({ id: renderEventId(place), event: event.type, data: JSON.stringify(event) });
  const now = () => ({ ...frame, seq: Math.max(0, place.after), at: renderInstant(Date.now()) });
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const record = next.value;
    switch (record.kind) {
      case "parts": {
        const { shard, start, parts } = record;
        place.positions[shard] = start + parts.length;
        await send({ ...now(), type: "tokens", shards: [shard], tokens: { shard, start, parts } });
        break;
      }
      case "finished": {
        const { shard, finish_reason, usage, continued } = record;
        const finished = { shard, finish_reason, usage, continued };
        await send({ ...now(), type: "completion.finished", shards: [shard], finished });
        break;
      }
      case "restart":
        place.positions[record.shard] = 0;
        await send({ ...now(), type: "shards.restarted", shards: [record.shard] });
        break;
      case "event":
        place.after = record.event.seq;
        // Told with the completion's own record, before what is made anew.
        if (record.event.type === "shards.restarted") break;
        frame = { ...frame, state: record.event.state, progress: record.event.progress };
        await send(record.event);
        break;
      case "waiting":
        await sse.write(": waiting\n\n");
        break;
      case "end":
        return;
      default:
        record satisfies never;
    }
  }
}
