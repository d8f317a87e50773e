import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { BlobPeers } from "./testing/blob-peers.ts";

const CHUNK = LIMITS.blob_chunk_bytes;

test("a blob comes from several peers at once, and nothing of it from the edge", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(1, 12 * CHUNK + 5);
  const holders = [await peers.open({}, [blob]), await peers.open({}, [blob]), await peers.open({}, [blob])];
  const client = await peers.open();

  const fetched = await client.fetch(blob);

  expect(Buffer.compare(await client.read(blob.sha256), blob.content)).toBe(0);
  expect(fetched).toEqual({ from_peers_bytes: blob.bytes, from_edge_bytes: 0, peers: 3, wasted_bytes: 0 });
  expect(peers.drawn.get(blob.sha256)).toBeUndefined();
  expect(holders.every(({ sent }) => (sent.get(client.node.id) ?? 0) > 0)).toBe(true);
});
