import { randomBytes } from "node:crypto";
import { LIMITS } from "@infernet/schemas/limits";
import { recordKey } from "@infernet/schemas/peer/discovery-label";
import { signPeerRecord } from "@infernet/schemas/peer/peer-record";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { askPeers } from "infernet-runner/control/ask-peers";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { PeerNode } from "infernet-runner/p2p/node/peer-node";
import { peerIdOf, privateKeyOf } from "infernet-runner/p2p/peer-id";
import { PROTOCOLS } from "infernet-runner/p2p/protocols";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { treeUse } from "../bench/process-use.ts";
import { openAttacker } from "../fixtures/hostile/attacker.ts";
import { addProvider, findNode, putValue } from "../fixtures/hostile/dht-message.ts";
import { encodeLength } from "../fixtures/hostile/encode-length.ts";
import { openRawSockets } from "../fixtures/hostile/raw-socket.ts";
import { sendUnread } from "../fixtures/hostile/send-unread.ts";
import { Cleanup } from "../network/cleanup.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { until } from "../network/until.ts";
import { useEdge } from "./use-edge.ts";

const MIB = 1024 ** 2;
/** Over what it takes at rest. Each flood here is larger, so that none can have been kept. */
const GROWTH_MIB_MAX = 192;
const FLOOD_BYTES = 256 * MIB;
const PROVIDERS = 10_000;

const live = useEdge();
const cleanup = new Cleanup();
let victim: RunnerProcess;
let protocols: string[];
let friend: PeerNode;
let address: string;
let port: number;
let rest_bytes: number;

beforeAll(async () => {
  victim = await live.addRunner("victim", {
    args: ["--peers-listen", "/ip4/127.0.0.1/tcp/0", "--peers-relay", "--direct", "free"],
  });
  address = await until("the victim's address", async () => {
    const report = await askPeers(victim.home);
    return report?.addresses.find((one) => !one.includes("/p2p-circuit")) ?? null;
  });
  port = Number(
    multiaddr(address)
      .getComponents()
      .find(({ name }) => name === "tcp")?.value,
  );
  friend = await createPeerNode({ identity: createIdentity(), listen: [], bootstrap: [address] });
  cleanup.add(() => friend.stop());
  protocols = await until("what the victim speaks", async () => {
    const peer = await friend.libp2p.peerStore.get(peerIdOf(victim.id));
    return peer.protocols.length > 0 ? peer.protocols : null;
  });
  await expectWell();
  rest_bytes = treeUse(victim.program.pid).resident_bytes;
});
afterAll(() => cleanup.run());
afterEach(expectWell);

/** It answers an old friend and lets a new one in, has complained of nothing, and holds on to no flood. */
async function expectWell(): Promise<void> {
  await ping(friend);
  const newcomer = await createPeerNode({ identity: createIdentity(), listen: [], bootstrap: [] });
  try {
    await until("a newcomer to be let in", () => ping(newcomer).catch(() => null));
  } finally {
    await newcomer.stop();
  }
  expect(victim.program.text()).toBe("");
  const { resident_bytes } = treeUse(victim.program.pid);
  expect((resident_bytes - (rest_bytes ?? resident_bytes)) / MIB).toBeLessThan(GROWTH_MIB_MAX);
}

async function ping(node: PeerNode): Promise<true> {
  await node.libp2p.dial(multiaddr(address));
  await node.libp2p.services.ping.ping(peerIdOf(victim.id));
  return true;
}

/** The victim refuses connections for a while to whoever opens many. */
const attack = (options?: Parameters<typeof openAttacker>[1]) =>
  until("an attacker to be let in", () => openAttacker(address, options).catch(() => null));

const MULTISTREAM = Buffer.from("\x13/multistream/1.0.0\n");
const NOISE = Buffer.from("\x07/noise\n");

test("who never goes on is given up: in a handshake, at a stream's beginning, at the answers to its questions", async () => {
  await using attacker = await attack();
  const streams = await Promise.all(Array.from({ length: 2_000 }, () => attacker.bareStream()));
  await using asker = await attack();
  const asking = await asker.libp2p.dialProtocol(peerIdOf(victim.id), PROTOCOLS.kad);
  const questions = Buffer.concat(Array.from({ length: 1_000 }, () => findNode(randomBytes(32))));
  const asked = sendUnread(asking, repeat(questions, FLOOD_BYTES / questions.length));
  const [silent, halves, slow, liars] = [
    await openRawSockets(port, 200),
    await openRawSockets(port, 50),
    await openRawSockets(port, 5),
    await openRawSockets(port, 5),
  ];
  halves.write(Buffer.concat([MULTISTREAM, NOISE]));
  liars.write(Buffer.concat([MULTISTREAM, NOISE, Buffer.of(0xff, 0xff), randomBytes(65_000)]));
  const drip = setInterval(() => slow.write(MULTISTREAM.subarray(0, 1)), 500);
  for (const sockets of [silent, halves, slow, liars]) {
    await until("their end", () => (sockets.open() === 0 ? true : null));
    sockets.close();
  }
  clearInterval(drip);
  await until("the end of the streams", () => (streams.some(isOpen) ? null : true));
  await asked;
  await until("the end of the questions", () => (isOpen(asking) ? null : true));
});

test.each([
  ["instead of the first word", Buffer.alloc(4096, "none of libp2p's ")],
  ["that promise two gigabytes", encodeLength(2 ** 31)],
  ["instead of a protocol's name", Buffer.concat([MULTISTREAM, Buffer.alloc(4096, "no protocol ")])],
  ["instead of a handshake", Buffer.concat([MULTISTREAM, NOISE, Buffer.alloc(4096)])],
])("bytes %s end their connection", async (_, bytes) => {
  const sockets = await openRawSockets(port, 5);
  sockets.write(bytes);
  await until("their end", () => (sockets.open() === 0 ? true : null));
  sockets.close();
});

test.each([
  ["the answer to a ping that nobody sent", "000200020000000000000007"],
  ["a frame of another version", "070000000000000100000000"],
  ["a stream of the other side's numbers", "000100010000000200000000"],
])("%s ends its connection", async (_, hex) => {
  await using attacker = await attack();
  attacker.frames().send(Buffer.from(hex, "hex"));
  await until("its end", () => (attacker.isConnected() ? null : true));
});

test("a frame of four gigabytes ends its connection before it has come", async () => {
  await using attacker = await attack();
  attacker.frames().send(Buffer.from("000000010000000bffffffff", "hex"));
  await sendUnread(attacker.frames(), repeat(Buffer.alloc(64 * 1024), FLOOD_BYTES / (64 * 1024)));
  await until("its end", () => (attacker.isConnected() ? null : true));
});

test("who pings on the connection itself and reads nothing is stopped", async () => {
  await using attacker = await attack();
  const pings = Buffer.alloc(64 * 1020, Buffer.from("000200010000000000000007", "hex"));
  await sendUnread(attacker.frames(), repeat(pings, FLOOD_BYTES / pings.length));
  await until("its end", () => (attacker.isConnected() ? null : true));
});

test("who signs with another key than its own is not let in", async () => {
  const [own, other] = [createIdentity(), createIdentity()];
  await using attacker = await attack({ privateKey: privateKeyOf({ id: other.id, sign: own.sign }) });
  await until("its end", () => (attacker.isConnected() ? null : true));
});

test("streams beyond the limit of a protocol are reset", async () => {
  await using attacker = await attack();
  const opened = await Promise.allSettled(
    Array.from({ length: 200 }, () => attacker.libp2p.dialProtocol(peerIdOf(victim.id), PROTOCOLS.records)),
  );
  const streams = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  await until("the end of those beyond it", () =>
    streams.filter(isOpen).length <= LIMITS.peer_protocol_streams_max ? true : null,
  );
});

test("protocols that nobody speaks are refused", async () => {
  await using attacker = await attack();
  const asked = await Promise.allSettled(
    Array.from({ length: 200 }, (_, n) =>
      // With two to choose from it waits for the answer.
      attacker.libp2p.dialProtocol(peerIdOf(victim.id), [`/unknown/${n}/1`, `/unknown/${n}/2`]),
    ),
  );
  expect(asked.map(({ status }) => status)).toEqual(Array(200).fill("rejected"));
});

test("who sends pings and reads no answers is stopped", async () => {
  await using attacker = await attack();
  const stream = await attacker.libp2p.dialProtocol(peerIdOf(victim.id), "/ipfs/ping/1.0.0");
  await sendUnread(stream, repeat(Buffer.alloc(64 * 1024), FLOOD_BYTES / (64 * 1024)));
  await until("the end of its stream", () => (isOpen(stream) ? null : true));
});

test("a message of a gigabyte fills no memory, on any protocol", async () => {
  await using attacker = await attack();
  for (const protocol of protocols) {
    const stream = await attacker.libp2p.dialProtocol(peerIdOf(victim.id), protocol);
    stream.send(encodeLength(2 ** 30));
    await sendUnread(stream, repeat(Buffer.alloc(64 * 1024), FLOOD_BYTES / (64 * 1024)));
    await until(`the end of ${protocol}`, () => (isOpen(stream) ? null : true));
  }
});

test("messages that mean nothing do no harm, on any protocol", async () => {
  await using attacker = await attack();
  for (const protocol of protocols) {
    for (let n = 0; n < 8; n += 1) {
      const stream = await attacker.libp2p.dialProtocol(peerIdOf(victim.id), protocol);
      if (isOpen(stream))
        stream.send(Buffer.concat([encodeLength(1_000), randomBytes(1_000), Buffer.alloc(2)]));
    }
  }
});

test("records and providers without end are kept in bounded memory", async () => {
  await using attacker = await attack();
  const own = attacker.libp2p.peerId;
  const kad = await attacker.libp2p.dialProtocol(peerIdOf(victim.id), PROTOCOLS.kad);
  const from = multiaddr("/ip4/192.0.2.1/tcp/1").bytes;
  const announcements = function* () {
    for (let n = 0; n < PROVIDERS; n += 1) {
      // A CID of raw bytes by their sha256.
      const key = Buffer.concat([Buffer.from("01551220", "hex"), randomBytes(32)]);
      yield addProvider(key, own.toMultihash().bytes, from);
    }
  };
  await sendUnread(kad, announcements());
});

test("a record that another has signed is not kept", async () => {
  await using attacker = await attack();
  const [own, other] = [createIdentity(), createIdentity()];
  const now_ms = Date.now();
  const { bytes } = await signPeerRecord(
    {
      type: "infernet.peer.v1",
      runner: other.id,
      sequence: now_ms,
      issued_ms: now_ms,
      expires_ms: now_ms + 60_000,
      version: "0",
      availability: "open",
      capability: {
        engines: [
          { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
        ],
        memory_bytes: 1,
        cpu_cores: 1,
        gpus: [],
      },
      models: [],
      services: [],
      direct: null,
      addresses: [],
      attestations: [],
    },
    own.sign,
  );
  const kad = await attacker.libp2p.dialProtocol(peerIdOf(victim.id), PROTOCOLS.kad);
  kad.send(putValue(recordKey(other.id), bytes));
  await until("the end of the stream", () => (isOpen(kad) ? null : true));
});

function* repeat(bytes: Uint8Array, times: number): Generator<Uint8Array> {
  for (let n = 0; n < times; n += 1) yield bytes;
}

const isOpen = ({ status }: Stream): boolean => status === "open";
