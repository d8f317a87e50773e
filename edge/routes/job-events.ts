import { createRoute, z } from "@hono/zod-openapi";
import { InfernetError } from "@infernet/schemas/errors";
import { JobId } from "@infernet/schemas/ids";
import { JobEvent } from "@infernet/schemas/job-event";
import { LIMITS } from "@infernet/schemas/limits";
import { streamSSE } from "hono/streaming";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
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
    "stream closes after the job's last event.",
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
  let after = parseLastEventId(c.req.header("Last-Event-ID"));
  // Asked for before the stream opens, so that an unknown job is a 404 and not an empty stream.
  let page = unwrap(await aggregator.events(account, id, after, 0));
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

function parseLastEventId(header: string | undefined): number {
  if (header === undefined || header === "") return -1;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header);
  throw new InfernetError(
    "header_invalid",
    `Last-Event-ID is ${JSON.stringify(header)}; event ids here are numbers`,
  );
}
