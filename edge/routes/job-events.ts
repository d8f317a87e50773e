import { createRoute, z } from "@hono/zod-openapi";
import { JobId } from "@infernet/schemas/ids";
import { JobEvent } from "@infernet/schemas/job-event";
import { LIMITS } from "@infernet/schemas/limits";
import { streamSSE } from "hono/streaming";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { parseEventId } from "../aggregator/event-id.ts";
import { openStream } from "../aggregator/open-stream.ts";
import { writeRecords } from "../aggregator/write-records.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobEvents = createRouter();

const events = createRoute({
  method: "get",
  path: "/jobs/{id}/events",
  tags: ["Jobs"],
  summary: "Stream a job's events",
  description:
    "Server-sent events, from the first or after `Last-Event-ID`; a comment every 15 s keeps the connection, and the " +
    "stream closes after the job's last event. Of a job whose tokens are streamed they come among the others, and " +
    "`Last-Event-ID` resumes after the last token.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: {
    params: z.object({ id: JobId }),
    headers: z.object({ "last-event-id": z.string().optional() }),
  },
  responses: {
    200: {
      description: "The stream; each `data` is a JobEvent",
      content: { "text/event-stream": { schema: JobEvent } },
    },
    ...problemAnswers("authentication_missing", "not_found", "header_invalid"),
  },
});

jobEvents.openapi(events, async (c) => {
  const { id } = c.req.valid("param");
  const account = c.get("account").id;
  const aggregator = aggregatorOf(c.env, id);
  const from = parseEventId(c.req.header("Last-Event-ID"));
  let { after } = from;
  // Asked for before the stream opens, so that an unknown job is a 404 and not an empty stream.
  let page = unwrap(await aggregator.events(account, id, after, 0));
  if (page.streamed) {
    const job = unwrap(await aggregator.read(account, id));
    const records = await openStream(c.env, account, id, from);
    return streamSSE(c, (stream) =>
      writeRecords(stream, records, { ...job, shards: job.progress.shards }, from),
    );
  }
  return streamSSE(c, async (stream) => {
    while (!stream.aborted) {
      for (const event of page.events) {
        await stream.writeSSE({ id: String(event.seq), event: event.type, data: JSON.stringify(event) });
        after = event.seq;
      }
      if (page.ended) return;
      if (page.events.length === 0) await stream.write(": waiting\n\n");
      page = unwrap(await aggregator.events(account, id, after, LIMITS.event_stream_heartbeat_ms));
    }
  });
});
