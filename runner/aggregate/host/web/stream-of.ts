import type { Readable } from "node:stream";

/**
 * What Node reads as a stream of the Web, piece by piece as it is asked for. It ends with its reader, read or not: `Readable.toWeb` may go on
 * into a stream that was given up, an error that nobody can catch, and `ReadableStream.from` leaves open what nobody has begun to read.
 */
export function streamOf(readable: Readable): ReadableStream<Uint8Array> {
  const pieces = readable.iterator();
  // Whoever asks for the next piece is told; until then nobody listens.
  readable.on("error", () => undefined);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void readable.destroy(),
    },
    { highWaterMark: 0 },
  );
}
