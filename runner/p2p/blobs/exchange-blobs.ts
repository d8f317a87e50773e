import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { BlobUnusable } from "../../cache/blob-cache.ts";
import { EdgeRefusal } from "../../transport/edge-error.ts";
import type { TokenBucket } from "../../transport/token-bucket.ts";
import type { Discovery } from "../discovery/open-discovery.ts";
import type { PeerDeps } from "../join/peer-deps.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { openBlobExchange } from "./blob-exchange.ts";
import { ModelHolders } from "./model-holders.ts";

/**
 * From now on the runner's cache takes what may be shared from peers, and they from it where its owner shares. Resolves with what
 * ends that.
 */
export async function exchangeBlobs(
  node: PeerNode,
  { home, cache, log, sharing }: Pick<PeerDeps, "home" | "cache" | "log" | "sharing">,
  discovery: Pick<Discovery, "find">,
): Promise<{ stop(): Promise<void> }> {
  const holders = new ModelHolders(discovery);
  const sent = new Map<RunnerId, number>();
  const exchange = await openBlobExchange({
    ...{ node, home, isSharing: sharing.isOn },
    ...(sharing.pace === null ? {} : { pace: inTurn(sharing.pace) }),
    // A refusal has been retried by the client; a connection that broke half-way has not.
    isPassing: (error) => !(error instanceof EdgeRefusal || error instanceof BlobUnusable),
    findPeers: async function* ({ model }, signal) {
      if (model !== undefined) yield* holders.find(model, signal);
    },
    onSent: (peer, bytes) => sent.set(peer, (sent.get(peer) ?? 0) + bytes),
    onDistrust: (peer, { message }) => log({ event: "peer.distrusted", peer, detail: message }),
  });
  const tell = (): void => {
    for (const [peer, bytes] of sent) log({ event: "blobs.sent", peer, bytes });
    sent.clear();
  };
  const telling = setInterval(tell, LIMITS.blob_tell_ms).unref();
  cache.shareWith(exchange);
  return {
    stop: async () => {
      clearInterval(telling);
      cache.shareWith(null);
      await exchange.close();
      tell();
    },
  };
}

/** Of all the chunks that wait, one stands in line with the runner's results: those are not to wait for every peer. */
function inTurn(bucket: TokenBucket): (bytes: number, signal: AbortSignal) => Promise<void> {
  let turn: Promise<void> = Promise.resolve();
  return (bytes, signal) => {
    const taken = turn.then(() => bucket.take(bytes, signal));
    turn = taken.catch(() => undefined);
    return taken;
  };
}
