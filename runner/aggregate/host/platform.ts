import { FixedLengthStream } from "./web/fixed-length-stream.ts";
import { createOutgoingFetch, type OutgoingFetch } from "./web/outgoing-fetch.ts";
import { createPlatformCrypto } from "./web/platform-crypto.ts";
import { PlatformResponse } from "./web/platform-response.ts";
import { createTimers } from "./web/platform-timers.ts";
import { WebSocketPair } from "./web/web-socket-pair.ts";

export type WorkerLog = (level: string, message: string) => void;

/** What the Worker's code finds under names that are global on the Workers platform, and in `cloudflare:workers`. */
export interface Platform {
  globals: Record<string, unknown>;
  workers: Record<string, unknown>;
  logFailure: (error: unknown) => void;
  close: () => void;
}

/** `DurableObject` of `cloudflare:workers`. */
class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

export function createPlatform(network: "public" | "any", log: WorkerLog): Platform {
  const logFailure = (error: unknown): void =>
    log("error", error instanceof Error ? (error.stack ?? error.message) : String(error));
  const outgoing: OutgoingFetch = createOutgoingFetch(network);
  const write =
    (level: string) =>
    (...parts: unknown[]): void =>
      log(level, parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(" "));
  return {
    globals: {
      Response: PlatformResponse,
      WebSocketPair,
      FixedLengthStream,
      crypto: createPlatformCrypto(),
      fetch: outgoing.fetch,
      console: Object.fromEntries(
        ["debug", "log", "info", "warn", "error"].map((level) => [level, write(level)]),
      ),
      ...createTimers(logFailure),
    },
    workers: { DurableObject, waitUntil: (work: Promise<unknown>) => void work.catch(logFailure) },
    logFailure,
    close: outgoing.close,
  };
}
