import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BINARY_TYPE, encodeBinary } from "@infernet/schemas/binary";
import { NetworkId } from "@infernet/schemas/commitment";
import { formatRunnerId } from "@infernet/schemas/ids";
import type { PollResponse, RunnerWelcome } from "@infernet/schemas/runner";

/** An edge over HTTP for one runner that never has work, and says so as often as it is told to: a day of polls in seconds. */
export interface EagerEdge {
  url: string;
  /** Answers so many polls at once; resolves when the one after them is parked. */
  answerPolls(count: number): Promise<void>;
  close(): Promise<void>;
}

const RUNNER = formatRunnerId(new Uint8Array(32));
const NETWORK = NetworkId.parse(`net_${"A".repeat(43)}`);
const POLL_WAIT_MS = 25_000;

export async function startEagerEdge(): Promise<EagerEdge> {
  let left = 0;
  let parked: (() => void) | null = null;
  let onParked: (() => void) | null = null;

  const park = (answer: () => void): void => {
    if (left > 0) {
      left -= 1;
      answer();
    } else {
      parked = answer;
      onParked?.();
    }
  };
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      switch (request.url) {
        case "/runner/register":
          return response.setHeader("content-type", "application/json").end(JSON.stringify(welcome()));
        case "/runner/poll":
          return park(() => response.setHeader("content-type", BINARY_TYPE).end(encodeBinary(noLeases())));
        default:
          return response.writeHead(404).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerPolls: (count) =>
      new Promise((resolve) => {
        left = count;
        onParked = resolve;
        const waiting = parked;
        parked = null;
        if (waiting) park(waiting);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const welcome = (): RunnerWelcome => ({
  runner_id: RUNNER,
  network: NETWORK,
  now_ms: Date.now(),
  poll_wait_ms: POLL_WAIT_MS,
  warnings: [],
});

const noLeases = (): PollResponse => ({ leases: [], now_ms: Date.now() });
