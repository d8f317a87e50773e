import type { ServerResponse } from "node:http";
import { nextEvent } from "../current-object.ts";

/** Sends the Worker's answer. A body that is there at once goes with its length; any other flows as it comes, and as it is taken. */
export async function writeResponse(response: Response, to: ServerResponse): Promise<void> {
  to.statusCode = response.status;
  to.setHeaders(response.headers);
  const { body } = response;
  if (body === null || to.req.method === "HEAD") {
    await body?.cancel();
    to.end();
    return;
  }
  const reader = body.getReader();
  to.on("close", () => {
    if (!to.writableFinished) void reader.cancel("the client went away").catch(() => undefined);
  });
  try {
    const first = await reader.read();
    if (first.done) return void to.end();
    const second = reader.read();
    // Node sends the length of a body that is all there is.
    if ((await Promise.race([second, nextEvent()]))?.done) return void to.end(first.value);
    to.write(first.value);
    for (let read = await second; !read.done; read = await reader.read()) {
      if (to.writableNeedDrain) await drained(to);
      if (to.destroyed) return;
      to.write(read.value);
    }
    to.end();
  } catch (error) {
    // It is too late for another status: an answer that breaks off says that it is not whole.
    to.destroy(error instanceof Error ? error : undefined);
  }
}

/** Resolves when the client has taken what was written, or has gone. */
function drained(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      to.off("drain", go).off("close", go);
      resolve();
    };
    to.on("drain", go).on("close", go);
  });
}
