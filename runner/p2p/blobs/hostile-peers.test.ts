import { encodeBinary } from "@infernet/schemas/binary";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { chunkListDigest, listChunks } from "@infernet/schemas/peer/chunk-list";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { BlobPeers } from "./testing/blob-peers.ts";
import { type Hostility, serveHostile } from "./testing/hostile-blobs.ts";
import { seededBytes } from "./testing/seeded-bytes.ts";

const CHUNK = LIMITS.blob_chunk_bytes;
const TIMES = { chunk_ms_max: 5_000, answer_ms_max: 1_000 };
const IMPATIENT = { ...TIMES, turn_ms_max: 500, wait_ms_max: 1_000 };

/** A blob that an honest peer has and a hostile one says it has; what became of it, and who was found out. */
async function fetchBeside(lies: Hostility, { isListed = true, isHonest = true, times = TIMES } = {}) {
  await using peers = new BlobPeers();
  const blob = await peers.make(7, 5 * CHUNK + 77, isListed);
  if (isHonest) await peers.open({}, [blob]);
  const liar = await peers.peers.open();
  await serveHostile(liar, blob.content, lies);
  peers.introduce(liar);
  const client = await peers.open({ times });
  const fetched = await client.fetch(blob);
  expect(Buffer.compare(await client.read(blob.sha256), blob.content)).toBe(0);
  const found = client.distrusted.filter(({ peer }) => peer === liar.id).map(({ fault }) => fault.kind);
  expect(client.distrusted.filter(({ peer }) => peer !== liar.id)).toEqual([]);
  return { ...fetched, found, drawn: peers.drawn.get(blob.sha256) ?? 0, bytes: blob.bytes };
}

describe("a peer that", () => {
  test("sends a wrong chunk costs that one chunk, and is left alone from then on", async () => {
    const { found, wasted_bytes, from_peers_bytes, bytes } = await fetchBeside({
      chunk: () => seededBytes(99, CHUNK),
    });
    expect(found).toEqual(["wrong"]);
    expect(wasted_bytes).toBeLessThanOrEqual(CHUNK);
    expect(from_peers_bytes).toBe(bytes);
  });

  test("sends good chunks and then a wrong one costs no more than it was asked for ahead", async () => {
    let sent = 0;
    const { found, wasted_bytes } = await fetchBeside({
      chunk: (index) =>
        ++sent > 2
          ? seededBytes(index, CHUNK)
          : seededBytes(7, 5 * CHUNK + 77).slice(index * CHUNK, (index + 1) * CHUNK),
    });
    // It may not be asked a third time: the honest one may have sent the rest.
    expect([[], ["wrong"]]).toContainEqual(found);
    expect(wasted_bytes).toBeLessThanOrEqual(LIMITS.blob_window_chunks_max * CHUNK);
  });

  test("says that the blob has another size is not asked for anything", async () => {
    expect(await fetchBeside({ bytes: 3 * CHUNK })).toMatchObject({ found: ["wrong"], wasted_bytes: 0 });
  });

  test("sends a chunk of another length is found out", async () => {
    expect((await fetchBeside({ chunk: () => seededBytes(1, 100) })).found).toEqual(["wrong"]);
  });

  test("sends more than a chunk is cut off", async () => {
    const { found } = await fetchBeside({ chunk: () => seededBytes(1, CHUNK + 1) });
    expect(found).toEqual(["oversized"]);
  });

  test("stalls in the middle of a chunk keeps nobody waiting: another is asked for it", async () => {
    const { found, from_peers_bytes, bytes } = await fetchBeside({ chunk: () => null });
    // To be slow is no lie.
    expect([found, from_peers_bytes]).toEqual([[], bytes]);
  });

  test("says nothing at all keeps nobody waiting", async () => {
    const { from_peers_bytes, bytes } = await fetchBeside({ answer: async () => undefined });
    expect(from_peers_bytes).toBe(bytes);
  });

  test("answers questions that nobody asked is cut off", async () => {
    const { found } = await fetchBeside({
      answer: (request, messages) => messages.send({ id: request.id + 1_000, answer: "chunk" }),
    });
    expect(found).toEqual(["malformed"]);
  });

  test("sends an endless stream of messages that are none is cut off", async () => {
    const { found } = await fetchBeside({
      answer: async (_, messages) => {
        for (;;) await messages.sendBytes(new Uint8Array(64 * 1024).fill(0xff));
      },
    });
    expect(found).toEqual(["malformed"]);
  });

  test("gives another list of chunks than it names is found out", async () => {
    const other = await listChunks(seededBytes(5, 5 * CHUNK + 77));
    const { found } = await fetchBeside(
      { list: Sha256.parse("ab".repeat(32)), chunkList: other },
      { isListed: false },
    );
    // It may not have been asked: the honest peer's list may have been taken.
    expect([[], ["wrong"]]).toContainEqual(found);
  });

  test("has a list and chunks of another blob costs one copy where the manifest names no list, and is found out", async () => {
    const content = seededBytes(5, 5 * CHUNK + 77);
    const list = await listChunks(content);
    const { found, wasted_bytes, from_edge_bytes, bytes } = await fetchBeside(
      {
        ...{ chunkList: list, list: await chunkListDigest(list) },
        chunk: (index) => content.slice(index * CHUNK, (index + 1) * CHUNK),
      },
      { isListed: false, isHonest: false },
    );
    expect({ wasted_bytes, from_edge_bytes }).toEqual({ wasted_bytes: bytes, from_edge_bytes: bytes });
    expect(found.at(-1)).toBe("wrong");
  });

  test("says that it draws the blob from the edge, and brings nothing, is waited for only so long", async () => {
    const { from_edge_bytes, bytes } = await fetchBeside(
      { wants: true, draws: true, has: () => false },
      { isHonest: false, times: IMPATIENT },
    );
    expect(from_edge_bytes).toBe(bytes);
  });
});

test("a manifest that names the list of another blob costs what peers would have saved, and no peer its good name", async () => {
  await using peers = new BlobPeers();
  const [blob, other] = [await peers.make(1, 3 * CHUNK), await peers.make(2, 3 * CHUNK)];
  await peers.open({}, [blob]);
  const client = await peers.open({ times: TIMES });
  const fetched = await client.fetch({ ...blob, chunks: other.chunks });
  expect(fetched).toMatchObject({ from_edge_bytes: blob.bytes });
  expect(client.distrusted).toEqual([]);
});

describe("whoever asks", () => {
  test("for something that is no digest, or a chunk that is not, gets nothing", async () => {
    await using peers = new BlobPeers();
    const blob = await peers.make(1, 2 * CHUNK);
    const server = await peers.open({}, [blob]);
    const asker = await peers.peers.open({ listen: [] });
    const ask = async (question: object): Promise<unknown> => {
      const stream = await asker.open(server.node.id, PROTOCOLS.blob, { addresses: server.node.addresses });
      const messages = openMessages(stream);
      await messages.send({ id: 1, ...question });
      return messages.receive(z.unknown(), 5_000).catch((error: Error) => error.name);
    };
    expect(await ask({ ask: "chunk", sha256: blob.sha256, index: 2 })).toEqual({ id: 1, answer: "no" });
    expect(await ask({ ask: "chunk", sha256: "../../key.pem", index: 0 })).toBe("PeerFault");
    expect(await ask({ ask: "chunk", sha256: blob.sha256, index: -1 })).toBe("PeerFault");
    const unknown = { id: 1, answer: "have", bytes: null, list: null, wants: false, draws: false };
    expect(
      await ask({ ask: "have", sha256: "ab".repeat(32), wants: true, known: 0, wait: false }),
    ).toMatchObject(unknown);
  });

  test("without end and reads nothing is cut off, and others are served meanwhile", async () => {
    await using peers = new BlobPeers();
    const blob = await peers.make(1, 3 * CHUNK);
    const server = await peers.open({ times: { chunk_ms_max: 500 } }, [blob]);
    const flooder = await peers.peers.open({ listen: [] });
    const stream = await flooder.open(server.node.id, PROTOCOLS.blob, { addresses: server.node.addresses });
    stream.pause();
    const ended = new Promise((resolve) => stream.addEventListener("close", resolve, { once: true }));
    const request = encodeBinary({ id: 1, ask: "chunk", sha256: blob.sha256, index: 0 });
    for (let n = 0; n < 1_000 && stream.status === "open"; n++)
      stream.send(Buffer.concat([Uint8Array.of(request.length), request]));
    const client = await peers.open();
    expect(await client.fetch(blob)).toMatchObject({ from_peers_bytes: blob.bytes });
    await ended;
  });
});
