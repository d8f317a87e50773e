import type { IncomingMessage } from "node:http";

export interface Body {
  stream: ReadableStream<Uint8Array>;
  /** Lets go of what has not been read: nobody wants it any more, and the connection is for the next request. */
  discard: () => void;
}

/** A request's body, which is taken in as it is read. One that breaks off fails. */
export function readBody(message: IncomingMessage): Body {
  let state: "untouched" | "read" | "over" = "untouched";
  const discard = (): void => {
    if (message.complete && state === "over") return;
    state = "over";
    message.resume();
  };
  const listen = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const end = (act: () => void): void => {
      if (state === "over") return;
      state = "over";
      act();
    };
    message.on("data", (chunk: Buffer) => {
      if (state === "over") return;
      controller.enqueue(new Uint8Array(chunk));
      if ((controller.desiredSize ?? 0) <= 0) message.pause();
    });
    message.on("end", () => end(() => controller.close()));
    message.on("error", (error) => end(() => controller.error(error)));
    message.on("close", () => end(() => controller.error(new Error("the client went away"))));
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state === "untouched") listen(controller);
        state = "read";
        message.resume();
      },
      cancel: discard,
    },
    { highWaterMark: 0 },
  );
  return { stream, discard };
}
