import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Demand } from "@infernet/schemas/demand";
import { formatRunnerId } from "@infernet/schemas/ids";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An edge of a few answers, on a port of this machine, for tests of commands: what has no route is never answered. */
export interface StubEdge {
  url: string;
  routes: Record<string, Answer>;
  /** The last body sent to each path. */
  bodies: Record<string, string>;
  demand: Demand;
  close(): Promise<void>;
}

const answerJson =
  (value: unknown, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

const problem = (status: number, code: string): Answer =>
  answerJson({ code, detail: "no.", hint: "Do this.", type: "", title: "", status }, status);

export async function startStubEdge(): Promise<StubEdge> {
  const bodies: Record<string, string> = {};
  const demand: Demand = {
    object: "demand",
    duty: "work",
    runners_seen: 3,
    runners_waiting: 2,
    shards_waiting: 0,
    data: [],
  };
  const network = `net_${"A".repeat(43)}`;
  const runner_id = formatRunnerId(new Uint8Array(32));
  const routes: StubEdge["routes"] = {
    "/network": (response, request) =>
      answerJson({ object: "network", network, version: "9", now_ms: Date.now() })(response, request),
    "/runner/register": (response, request) =>
      answerJson({ runner_id, network, now_ms: Date.now(), poll_wait_ms: 25_000, warnings: [] })(
        response,
        request,
      ),
    "/peers": answerJson({ object: "peers", bootstrap: [] }),
    "/runner/leave": (response) => void response.writeHead(204).end(),
    "/runner/demand": (response, request) => answerJson(edge.demand)(response, request),
    "/providers/me/earnings": answerJson({ sums: [], data: [], next_cursor: null }),
    "/providers": problem(404, "not_found"),
  };
  const server: Server = createServer(async (request, response) => {
    const { pathname: path } = new URL(request.url ?? "/", "http://edge");
    bodies[path] = await text(request);
    const route = routes[path] ?? (path.startsWith("/providers/run_") ? routes["/providers"] : undefined);
    route?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const edge: StubEdge = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    routes,
    bodies,
    demand,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return edge;
}
