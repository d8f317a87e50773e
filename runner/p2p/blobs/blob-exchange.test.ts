import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { PeerFault } from "../stream/peer-fault.ts";
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

test("of five runners that want a cold model at once one draws it from the edge, and gives it on while it comes", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(2, 4 * CHUNK);
  const runners = [];
  for (let n = 0; n < 5; n++) runners.push(await peers.open());
  peers.pause = () => new Promise((resolve) => setImmediate(resolve));

  const fetched = await Promise.all(runners.map((runner) => runner.fetch(blob)));

  expect(peers.drawn.get(blob.sha256)).toBe(blob.bytes);
  expect(fetched.reduce((sum, { from_peers_bytes }) => sum + from_peers_bytes, 0)).toBe(4 * blob.bytes);
  for (const runner of runners) expect(Buffer.compare(await runner.read(blob.sha256), blob.content)).toBe(0);
});

test("without peers, or where none has it, a blob comes from the edge", async () => {
  await using peers = new BlobPeers();
  const [alone, other] = [await peers.make(3, 3 * CHUNK + 1), await peers.make(4, 10, false)];
  const client = await peers.open();
  expect(await client.fetch(alone)).toMatchObject({ from_peers_bytes: 0, from_edge_bytes: alone.bytes });
  await peers.open({}, [alone]);
  expect(await client.fetch(other)).toMatchObject({ from_peers_bytes: 0, from_edge_bytes: other.bytes });
});

test("what an edge does not have fails with the edge's own words, and so does what it has wrong", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(5, 2 * CHUNK);
  const client = await peers.open();
  peers.edge.set(blob.sha256, new Uint8Array(2 * CHUNK));
  await expect(client.fetch(blob)).rejects.toThrow(/came with the sha256/);
  peers.edge.delete(blob.sha256);
  await expect(client.fetch(blob)).rejects.toThrow(/the edge has no blob/);
});

test("a transfer that was broken off goes on with the chunks that are still good", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(6, 6 * CHUNK + 9);
  const client = await peers.open();
  const broken = new AbortController();
  peers.pause = async () => {
    if ((peers.drawn.get(blob.sha256) ?? 0) >= 4 * CHUNK) broken.abort(new Error("killed"));
  };
  await expect(client.fetch(blob, broken.signal)).rejects.toThrow("killed");
  peers.pause = async () => undefined;
  // One of them is spoilt meanwhile, as a disk may do.
  const { open } = await import("node:fs/promises");
  const part = await open(join(client.home, "parts", `${blob.sha256}.part`), "r+");
  await part.write(Uint8Array.of(1, 2, 3), 0, 3, 2 * CHUNK);
  await part.close();
  const drawn_before = peers.drawn.get(blob.sha256) ?? 0;

  await client.fetch(blob);

  expect(Buffer.compare(await client.read(blob.sha256), blob.content)).toBe(0);
  expect((peers.drawn.get(blob.sha256) ?? 0) - drawn_before).toBeLessThanOrEqual(4 * CHUNK);
  expect(await readdir(join(client.home, "parts"))).toEqual([]);
});

test("what is not of a model and was not shared is given to nobody, nor is anything by a machine that does not share", async () => {
  await using peers = new BlobPeers();
  const [secret, model] = [await peers.make(7, CHUNK), await peers.make(8, CHUNK)];
  const { writeFile } = await import("node:fs/promises");
  const careful = await peers.open();
  await writeFile(join(careful.home, "cache", secret.sha256), secret.content);
  const silent = await peers.open({ isSharing: false }, [model]);
  const client = await peers.open();
  expect(await client.fetch(secret)).toMatchObject({ from_edge_bytes: CHUNK });
  expect(await client.fetch(model)).toMatchObject({ from_edge_bytes: CHUNK });
  expect([careful.sent.size, silent.sent.size]).toEqual([0, 0]);
});

test("chunks go out at the owner's pace, to each peer in turn", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(9, 6 * CHUNK);
  const order: number[] = [];
  let turn = Promise.resolve();
  const holder = await peers.open(
    {
      pace: (bytes) => {
        turn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
        order.push(bytes);
        return turn;
      },
    },
    [blob],
  );
  const clients = [await peers.open({ isSharing: false }), await peers.open({ isSharing: false })];
  await Promise.all(clients.map((client) => client.fetch(blob)));
  expect(order.length).toBe(12);
  expect([...holder.sent.values()]).toEqual([blob.bytes, blob.bytes]);
});

test("a peer that goes away in the middle is done without", async () => {
  await using peers = new BlobPeers();
  const blob = await peers.make(10, 8 * CHUNK);
  const going = await peers.open(
    {
      pace: async () => {
        await going.exchange.close();
        await going.node.stop();
        throw new PeerFault("gone", "stopped");
      },
    },
    [blob],
  );
  await peers.open({}, [blob]);
  const client = await peers.open();
  expect(await client.fetch(blob)).toMatchObject({ from_peers_bytes: blob.bytes, peers: 1 });
  expect(client.distrusted).toEqual([]);
});
