import { LIMITS } from "@infernet/schemas/limits";
import { createParser } from "eventsource-parser";
import { ServerUnusable } from "./ask-server.ts";

/**
 * The data of each server-sent event (WHATWG HTML, section 9.2), as it comes. Throws `ServerUnusable` for what is no such
 * stream: other lines, bytes that are not UTF-8, an event or a whole that is beyond the limits, a connection that breaks.
 */
export async function* readStream(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let events: string[] = [];
  let bytes = 0;
  const parser = createParser({
    maxBufferSize: LIMITS.openai_event_chars_max,
    onEvent: ({ data }) => events.push(data),
    onError: (error) => {
      throw new ServerUnusable("its stream is not one of server-sent events", { cause: error });
    },
  });
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > LIMITS.openai_stream_bytes_max)
      throw new ServerUnusable(`its stream has more than ${LIMITS.openai_stream_bytes_max} bytes`);
    parser.feed(decode(decoder, chunk));
    const come = events;
    events = [];
    for (const data of come) {
      if (data.length > LIMITS.openai_event_chars_max)
        throw new ServerUnusable(
          `an event of its stream has more than ${LIMITS.openai_event_chars_max} characters`,
        );
      yield data;
    }
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new ServerUnusable("its stream broke off", { cause: error });
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw new ServerUnusable("its stream is not UTF-8", { cause: error });
  }
}
