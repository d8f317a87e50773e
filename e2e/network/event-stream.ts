import { JobEvent } from "@infernet/schemas/job-event";
import { EventSourceParserStream } from "eventsource-parser/stream";

/** Events of one open `GET /jobs/:id/events` answer, until the edge ends it. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<JobEvent> {
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) yield JobEvent.parse(JSON.parse(data));
}
