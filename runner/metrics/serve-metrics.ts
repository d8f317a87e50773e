import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunnerState } from "../control/activity.ts";
import type { RunnerMetrics } from "./runner-metrics.ts";

export interface MetricsServer {
  /** Of the metrics, as `http://127.0.0.1:9464/metrics`. */
  url: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  port: number;
  metrics: Pick<RunnerMetrics, "render" | "contentType">;
  state(): RunnerState;
}

/** States in which the edge knows the runner and may give it work, or it has some. */
const READY: ReadonlySet<RunnerState> = new Set(["waiting", "working"]);

/**
 * Serves `/metrics`, `/health` (200 while the process works) and `/ready` (200 while work can come, 503 with the state
 * otherwise) to this machine alone. Rejects when the port is taken.
 */
export async function serveMetrics({ port, metrics, state }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(async (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return say(response, 405, "GET only\n");
    switch (new URL(request.url ?? "/", "http://localhost").pathname) {
      case "/metrics":
        response.setHeader("content-type", metrics.contentType);
        return say(response, 200, await metrics.render());
      case "/health":
        return say(response, 200, "ok\n");
      case "/ready":
        return say(response, READY.has(state()) ? 200 : 503, `${state()}\n`);
      default:
        return say(response, 404, "/metrics, /health or /ready\n");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  server.unref();
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}/metrics`,
    close: async () => {
      server.closeAllConnections();
      server.ref();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text);
}
