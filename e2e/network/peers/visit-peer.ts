import { randomBytes } from "node:crypto";
import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { PeerNode, PeerWay } from "infernet-runner/p2p/node/peer-node";
import { peerIdOf } from "infernet-runner/p2p/peer-id";
import { openMessages } from "infernet-runner/p2p/stream/message-stream";
import { median } from "../../bench/quantile.ts";
import { ECHO_PROTOCOL } from "./echo-protocol.ts";

export interface Visits {
  to: RunnerId;
  addresses: readonly PeerAddress[];
  count: number;
  /** Of each message, which must come back. */
  bytes: number;
}

export interface VisitReport {
  done: number;
  failures: string[];
  /** Of the last: by what way it went. */
  way: PeerWay | null;
  /** Until the first had come back, with the dial; and the median of the others. */
  first_ms: number | null;
  next_ms: number | null;
}

/** Opens a stream for each message, one after the other. */
export async function visitPeer(
  node: PeerNode,
  { to, addresses, count, bytes }: Visits,
): Promise<VisitReport> {
  const failures: string[] = [];
  const times_ms: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const started = performance.now();
    try {
      const messages = openMessages(await node.open(to, ECHO_PROTOCOL, { addresses }));
      const message = new Uint8Array(randomBytes(bytes));
      await messages.sendBytes(message);
      if (Buffer.compare(await messages.receiveBytes(), message) !== 0)
        throw new Error("it came back otherwise");
      await messages.close();
      times_ms.push(performance.now() - started);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  const [connection] = node.libp2p.getConnections(peerIdOf(to));
  return {
    done: times_ms.length,
    failures,
    way: connection === undefined ? null : node.wayOf(connection),
    first_ms: times_ms[0] ?? null,
    next_ms: times_ms.length > 1 ? median(times_ms.slice(1)) : null,
  };
}
