import type { Identity } from "../identity/identity.ts";
import type { Log } from "../work/runner-event.ts";
import type { EdgeClient } from "./edge-client.ts";
import { createHttpEdgeClient, type HttpEdgeOptions } from "./http-edge-client.ts";
import { paceUploads } from "./pace-uploads.ts";
import type { TokenBucket } from "./token-bucket.ts";

export interface EdgeConnection {
  edge: string;
  log: Log;
  /** What its owner lets go up, where there is a limit. */
  uploads?: TokenBucket | null;
  onExchange?: HttpEdgeOptions["onExchange"];
  /** Instead of HTTP to `edge`. */
  connect?(identity: Identity): EdgeClient;
}

/** The edge as a runner speaks to it: within its owner's limits, and saying when it is away. */
export function connectEdge(connection: EdgeConnection, identity: Identity): EdgeClient {
  const client = connection.connect?.(identity) ?? connectHttp(connection, identity);
  const { uploads = null } = connection;
  return uploads === null ? client : paceUploads(client, uploads);
}

function connectHttp({ edge, log, onExchange }: EdgeConnection, identity: Identity): EdgeClient {
  return createHttpEdgeClient({
    edge,
    identity,
    onUnreachable: (detail) => log({ event: "edge.unreachable", detail }),
    onBack: () => log({ event: "edge.back" }),
    ...(onExchange === undefined ? {} : { onExchange }),
  });
}
