import { LIMITS } from "@infernet/schemas/limits";
import type { StreamUp } from "@infernet/schemas/llm/stream-message";
import type { EdgeClient } from "./edge-client.ts";
import type { LinkListener, StreamLink } from "./stream-link.ts";

/**
 * The way where no WebSocket gets through: a message is a request, one after the other and `stream_post_ms` apart, in which what
 * is made gathers; the edge says in its answer what it says on a connection. A request that fails ends the link.
 */
export function openPostLink(post: EdgeClient["postStream"], listener: LinkListener): StreamLink {
  const closing = new AbortController();
  let isReady = false;

  const become = (tell: () => void): void => {
    if (closing.signal.aborted) return;
    isReady = true;
    tell();
  };
  const send = async (message: StreamUp): Promise<void> => {
    isReady = false;
    try {
      listener.onMessage(await post(message, closing.signal));
      setTimeout(() => become(listener.onReady), LIMITS.stream_post_ms).unref();
    } catch {
      if (!closing.signal.aborted) listener.onEnd("broken");
    }
  };

  queueMicrotask(() => become(listener.onOpen));
  return {
    get isReady() {
      return isReady;
    },
    send: (message) => void send(message),
    close: () => {
      isReady = false;
      closing.abort(new Error("the link was closed"));
    },
  };
}
