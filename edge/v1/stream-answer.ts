import { InfernetError } from "@infernet/schemas/errors";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { type Answer, isAnswered } from "./answer.ts";
import { renderOpenaiError } from "./openai-error.ts";

/** Makes the objects of one stream from what comes of its job. */
interface ChunkMaker {
  /** Throws what the request came to if that is no answer. */
  render(record: StreamRecord): object[];
}

const utf8 = new TextEncoder();

/**
 * Server-sent events of an answer, as OpenAI's clients read them, made as fast as they are read and no faster. It waits for
 * the first of them, so that a request that comes to nothing is still answered with its status.
 *
 * @param answer what `maker` takes records into
 * @throws InfernetError what the request came to before anything was sent
 */
export async function streamAnswer(
  records: ReadableStream<StreamRecord>,
  maker: ChunkMaker,
  answer: Answer,
): Promise<ReadableStream<Uint8Array>> {
  const reader = records.getReader();
  const next = async (): Promise<Uint8Array> => {
    const { done, value } = await reader.read();
    if (done) throw new InfernetError("generation_failed", "The stream of the job ended before its answer.");
    return utf8.encode(
      value.kind === "waiting" ? ": heartbeat\n\n" : renderEvents(maker.render(value), answer),
    );
  };
  let first: Uint8Array | null;
  try {
    do first = await next();
    while (first.length === 0 && !isAnswered(answer));
  } catch (error) {
    await reader.cancel();
    throw error;
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const bytes = first ?? (await next());
        first = null;
        controller.enqueue(bytes);
        if (!isAnswered(answer)) return;
        controller.enqueue(utf8.encode("data: [DONE]\n\n"));
      } catch (error) {
        controller.enqueue(utf8.encode(renderFailure(error)));
      }
      controller.close();
      await reader.cancel();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * The last event of what a record came to says how many positions of each choice have come by then: `Last-Event-ID` resumes
 * there, and never within a record.
 */
function renderEvents(chunks: readonly object[], { choices }: Answer): string {
  const id = choices.map(({ positions }) => positions).join("-");
  const render = (chunk: object, at: number): string =>
    `${at === chunks.length - 1 ? `id: ${id}\n` : ""}data: ${JSON.stringify(chunk)}\n\n`;
  return chunks.map(render).join("");
}

/** What went wrong after the answer had begun: OpenAI's clients throw it. */
function renderFailure(error: unknown): string {
  if (!(error instanceof InfernetError))
    console.error(JSON.stringify({ level: "error", message: "a stream failed", error: String(error) }));
  const known =
    error instanceof InfernetError
      ? error
      : new InfernetError("internal", "The stream failed for a reason on our side.");
  return `data: ${JSON.stringify(renderOpenaiError(known).body)}\n\n`;
}

/** Positions of each choice that a client has already, from its `Last-Event-ID`. Throws `header_invalid`. */
export function parsePositions(header: string | undefined, rows: number): number[] {
  if (header === undefined || header === "") return [];
  const positions = header.split("-").map(Number);
  if (/^[0-9]{1,9}(-[0-9]{1,9})*$/.test(header) && positions.length === rows) return positions;
  const detail = `Last-Event-ID is ${JSON.stringify(header)}; event ids of this stream are ${rows} numbers joined by '-'.`;
  throw new InfernetError("header_invalid", detail);
}
