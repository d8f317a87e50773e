import { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { classLabel, recordKey } from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { signPeerRecord } from "@infernet/schemas/peer/peer-record";
import { type RecordKept, type RecordsFound, RecordsRequest } from "@infernet/schemas/peer/record-messages";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createIdentity } from "../../identity/identity.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { type Announcer, type AnnouncerOptions, announce } from "../testing/announcer.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { openRecords } from "./ask-records.ts";
import { type Discovery, openDiscovery } from "./open-discovery.ts";

const MODEL = Sha256.parse("c".repeat(64));
/** The DHT answers nobody before its first look-ups are over. */
const PATIENCE = { timeout: 40_000 };
const peers = new TestPeers();
const machines: Announcer[] = [];
/** Somebody who looks, and has been there for a while. */
let client: Discovery;

beforeAll(async () => {
  for (const vram_gib of [0, 12, 16, 24]) await openMachine({ vram_gib });
  await openMachine({ vram_gib: 12, says: { models: [MODEL] } });
  for (const { published } of machines)
    await vi.waitFor(() => expect(published.at(-1)?.holders).toBe(4), PATIENCE);
  client = await openClient();
});
afterAll(() => peers[Symbol.asyncDispose]());

async function openMachine(options: AnnouncerOptions = {}): Promise<Announcer> {
  const identity = createIdentity();
  const machine = await announce(await peers.open({ identity }), identity, options);
  machines.push(machine);
  return machine;
}

/** As somebody who has just come, with nothing but one address. */
const openClient = async (): Promise<Discovery> => openDiscovery(await peers.open({ listen: [] }));

async function idsOf(client: Discovery, query: PeerQuery, limit?: number): Promise<RunnerId[]> {
  const found: RunnerId[] = [];
  for await (const { record } of client.find(query, limit === undefined ? {} : { limit }))
    found.push(record.runner);
  return found.toSorted();
}

test("a client that knows one address finds every machine of a class and above, each once", async () => {
  const found = await idsOf(await openClient(), { engine: "onnx", vram_gib_min: 12 });
  expect(found).toEqual(
    machines
      .slice(1)
      .map(({ id }) => id)
      .toSorted(),
  );
});

test("a model's machine is found under the model's digest, and its record under its id", async () => {
  const [, , , , holder] = machines;
  expect(await idsOf(client, { model: MODEL })).toEqual([holder?.id]);
  const signed = await client.lookUp(holder?.id ?? fail(), AbortSignal.timeout(10_000));
  expect(signed?.record.models).toEqual([MODEL]);
});

test("a find ends with the first that is enough", async () => {
  expect(await idsOf(client, { engine: "onnx" }, 2)).toHaveLength(2);
});

test("a change is told, with a higher number; what has not changed is not told again", async () => {
  const [machine] = machines;
  if (machine === undefined) fail();
  const { published, publisher, says } = machine;
  const sequences = () => new Set(published.map(({ record }) => record.sequence)).size;
  const before = sequences();
  publisher.changed();
  says.availability = "busy";
  publisher.changed();
  await expect.poll(() => published.at(-1)?.record.availability, PATIENCE).toBe("busy");
  expect(sequences()).toBe(before + 1);
  expect(published.at(-1)?.record.sequence).toBeGreaterThan(published.at(0)?.record.sequence ?? 0);
  expect(await idsOf(client, { engine: "onnx", open: true })).not.toContain(machine.id);
});

test("a machine that stops cleanly is found no more, under any label, nor by its id", async () => {
  const machine = await openMachine({ vram_gib: 80, says: { models: [MODEL] } });
  await expect.poll(() => machine.published.at(-1)?.holders, PATIENCE).toBe(5);
  expect(await idsOf(client, { model: MODEL })).toContain(machine.id);
  await machine.leave();
  for (const asker of [client, await openClient()]) {
    expect(await idsOf(asker, { model: MODEL })).not.toContain(machine.id);
    expect(await idsOf(asker, { vram_gib_min: 80 })).toEqual([]);
    expect(await asker.lookUp(machine.id, AbortSignal.timeout(10_000))).toBeNull();
  }
});

test("a machine whose record is over is found no more, however it ended", async () => {
  const machine = await openMachine({ vram_gib: 48, record_ms: 3_000, renew_ms: 60_000, short_ms: 60_000 });
  await expect.poll(() => idsOf(client, { vram_gib_min: 48 }), PATIENCE).toEqual([machine.id]);
  await machine.node.stop();
  await expect.poll(() => idsOf(client, { vram_gib_min: 48 }), PATIENCE).toEqual([]);
});

test("nobody brings another's record, a forged one, or an older one than there is", async () => {
  const [keeper] = machines;
  if (keeper === undefined) fail();
  const identity = createIdentity();
  const other = createIdentity();
  const node = await peers.open({ identity, listen: [] });
  const talk = await openRecords(
    node,
    { runner: keeper.id, addresses: keeper.node.addresses },
    AbortSignal.timeout(10_000),
  );
  const now_ms = Date.now();
  const times = { issued_ms: now_ms, expires_ms: now_ms + 60_000 };
  const sign = (runner: RunnerId, sequence: number, by = identity) =>
    signPeerRecord(samplePeerRecord({ ...times, runner, sequence }), by.sign);

  expect(await talk.keep((await sign(identity.id, 5)).bytes)).toBeNull();
  expect(await talk.keep((await sign(other.id, 5, other)).bytes)).toBe("another_peers");
  expect(await talk.keep((await sign(identity.id, 6, other)).bytes)).toBe("forged");
  expect(await talk.keep((await sign(identity.id, 4)).bytes)).toBe("stale");
  expect(await talk.keep(new Uint8Array([1, 2, 3]))).toBe("malformed");
  const { records } = await talk.find({ labels: [classLabel("wasm", 24)], known: [] });
  expect(records).toEqual([(await sign(identity.id, 5)).bytes]);
});

test("a peer that asks without end has its stream reset, and another is served", async () => {
  const [keeper] = machines;
  if (keeper === undefined) fail();
  const at = { runner: keeper.id, addresses: keeper.node.addresses };
  const flood = await openRecords(await peers.open({ listen: [] }), at, AbortSignal.timeout(20_000));
  const asked = { labels: [classLabel("onnx", 192)], known: [] };
  const flooding = async (): Promise<never> => {
    for (;;) await flood.find(asked);
  };
  await expect(flooding()).rejects.toMatchObject({ kind: "gone" });
  const other = await openRecords(await peers.open({ listen: [] }), at, AbortSignal.timeout(10_000));
  expect(await other.find(asked)).toEqual({ records: [], more: false });
});

test("a peer that hands on what is forged, over, too long or no record at all is passed over", async () => {
  await using own = new TestPeers();
  const liar = await own.open();
  const identity = createIdentity();
  const now_ms = Date.now();
  const record = samplePeerRecord({ runner: identity.id, issued_ms: now_ms, expires_ms: now_ms + 60_000 });
  const signed = await signPeerRecord(record, identity.sign);
  const over = await signPeerRecord({ ...record, expires_ms: now_ms - 1 }, identity.sign);
  const forged = await signPeerRecord({ ...record, runner: createIdentity().id }, identity.sign);
  await liar.serve(PROTOCOLS.records, async (stream) => {
    const messages = openMessages(stream);
    for (;;) {
      const { ask } = await messages.receive(RecordsRequest);
      const records = [over.bytes, forged.bytes, new Uint8Array([1]), signed.bytes, signed.bytes];
      await messages.send(
        ask === "keep"
          ? ({ refused: null } satisfies RecordKept)
          : ({ records, more: true } satisfies RecordsFound),
      );
    }
  });
  const victim = await openDiscovery(await own.open({ listen: [], bootstrap: liar.addresses }));
  expect(await idsOf(victim, {})).toEqual([identity.id]);
});

test("where nobody near keeps records, who announces itself in the DHT is asked itself", async () => {
  await using own = new TestPeers();
  await own.open();
  const identity = createIdentity();
  const machine = await announce(await own.open({ identity }), identity, { vram_gib: 96, renew_ms: 500 });
  const asker = await openDiscovery(await own.open({ listen: [] }));
  await expect.poll(() => idsOf(asker, { vram_gib_min: 96 }), PATIENCE).toEqual([identity.id]);
  await machine.leave();
});

test("the DHT takes nobody's record but under their own key", async () => {
  const [keeper] = machines;
  const identity = createIdentity();
  const node = await peers.open({ identity, listen: [] });
  const now_ms = Date.now();
  const mine = await signPeerRecord(
    samplePeerRecord({
      runner: identity.id,
      issued_ms: now_ms,
      expires_ms: now_ms + 60_000,
      sequence: 2 ** 50,
    }),
    identity.sign,
  );
  const errors: string[] = [];
  const put = node.libp2p.services.dht.put(recordKey(keeper?.id ?? fail()), mine.bytes, {
    signal: AbortSignal.timeout(10_000),
  });
  for await (const event of put) if (event.name === "QUERY_ERROR") errors.push(event.error.message);
  expect(errors.length).toBeGreaterThan(0);
  const found = await client.lookUp(keeper?.id ?? fail(), AbortSignal.timeout(10_000));
  expect(found?.record.runner).toBe(keeper?.id);
});

function fail(): never {
  throw new Error("the machine is there");
}
