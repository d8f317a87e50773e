import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { createIdentity } from "../../identity/identity.ts";
import { openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { TestPeers } from "../testing/test-peers.ts";
import type { TriedPeer } from "./keep-connected.ts";

/** A machine that runs much else takes its time. */
const WAIT = { timeout: 20_000 };

const LOOPBACK = ["/ip4/127.0.0.1/tcp/0"];

test("a runner's key is its PeerId: whoever serves a protocol is told the runner's id", async () => {
  await using peers = new TestPeers();
  const identity = createIdentity();
  const server = await peers.open();
  const client = await peers.open({ identity, listen: [] });
  await server.serve("/infernet/test/1", async (stream, from) => {
    const messages = openMessages(stream);
    const { n } = await messages.receive(z.strictObject({ n: z.int() }));
    await messages.send({ n: n + 1, from });
    await messages.close();
  });

  const messages = openMessages(await client.open(server.id, "/infernet/test/1"));
  await messages.send({ n: 1 });

  expect(await messages.receive(z.unknown())).toEqual({ n: 2, from: identity.id });
});

test("WebSockets carry the same, and both ways' bytes are counted", async () => {
  await using peers = new TestPeers();
  const server = await peers.open({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] });
  const client = await peers.open({ listen: [] });
  const sent = randomBytes(100_000);
  await server.serve("/infernet/test/1", async (stream) => {
    const messages = openMessages(stream);
    await messages.sendBytes(await messages.receiveBytes());
  });
  const messages = openMessages(await client.open(server.id, "/infernet/test/1"));
  await messages.sendBytes(sent);
  expect(await messages.receiveBytes()).toEqual(new Uint8Array(sent));
  for (const { traffic } of [server, client]) {
    expect(traffic.received_bytes).toBeGreaterThan(sent.length);
    expect(traffic.sent_bytes).toBeGreaterThan(sent.length);
  }
});

test("a WebSocket server that answers with frames that are none is a peer that does not answer", async () => {
  await using peers = new TestPeers();
  await using stack = new AsyncDisposableStack();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  stack.defer(() => server.close());
  await once(server, "listening");
  server.on("connection", (socket, request) => {
    socket.on("error", () => undefined);
    request.socket.write(Buffer.from([0xf2, 0x05, 1, 2, 3, 4, 5]));
  });
  const { port } = server.address() as AddressInfo;
  const id = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
  const alone: string[] = [];
  await peers.open({
    ...{ listen: [], bootstrap: [`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${id}`] },
    onAlone: (tried) => alone.push(...tried.map(({ address }) => address)),
  });
  await expect.poll(() => alone, WAIT).toHaveLength(1);
});

test("the DHT can be asked as soon as a node has joined, and nobody joins alone", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  expect(await first.joined(AbortSignal.timeout(300))).toBe(false);
  const second = await peers.open();
  expect(await second.joined(AbortSignal.timeout(20_000))).toBe(true);
  expect(await first.joined(AbortSignal.timeout(20_000))).toBe(true);
  const found: string[] = [];
  for await (const event of second.libp2p.services.dht.getClosestPeers(
    second.libp2p.peerId.toMultihash().bytes,
  ))
    if (event.name === "FINAL_PEER") found.push(event.peer.id.toString());
  expect(found).toContain(first.libp2p.peerId.toString());
});

test("a node without a port is reached by way of a relay", async () => {
  await using peers = new TestPeers();
  const relay = await peers.open({ isServer: true });
  const hidden = await peers.open({ listen: [] });
  const client = await peers.open({ listen: [] });
  await expect
    .poll(() => hidden.addresses, WAIT)
    .toEqual([expect.stringMatching(/\/p2p-circuit\/p2p\/12D3KooW/)]);
  expect(hidden.reachability).toBe("relayed");
  expect(relay.reachability).toBe("direct");
  await hidden.serve("/infernet/test/1", async (stream, from) => {
    await openMessages(stream).send({ from });
  });
  const stream = await client.open(hidden.id, "/infernet/test/1", { addresses: hidden.addresses });
  expect(await openMessages(stream).receive(z.unknown())).toEqual({ from: client.id });
});

test("peers to begin with that are all dead are named with their reasons, and tried until one is back", async () => {
  await using peers = new TestPeers();
  const identity = createIdentity();
  const first = await peers.open({ identity });
  const [address = ""] = first.addresses;
  await first.stop();
  const alone: (readonly TriedPeer[])[] = [];
  const second = await peers.open({
    ...{ listen: [], bootstrap: [address], rejoin_ms_min: 20 },
    onAlone: (tried) => alone.push(tried),
  });
  await expect
    .poll(() => alone, WAIT)
    .toEqual([[{ address, reason: expect.stringMatching(/ECONNREFUSED/) }]]);
  const port = /tcp\/(\d+)/.exec(address)?.[1];
  const again = await peers.open({ identity, listen: [`/ip4/127.0.0.1/tcp/${port}`], bootstrap: [] });
  await expect.poll(() => second.connected(), WAIT).toEqual([again.id]);
});

test("a node goes back to the peers to begin with when the last connection is lost", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  let asked = 0;
  const second = await peers.open({
    ...{ listen: [], rejoin_ms_min: 20 },
    findBootstrap: async () => {
      asked += 1;
      return first.addresses;
    },
  });
  await expect.poll(() => first.connected(), WAIT).toEqual([second.id]);
  await first.libp2p.hangUp(second.libp2p.peerId);
  await expect.poll(() => asked, WAIT).toBe(2);
  await expect.poll(() => second.connected(), WAIT).toEqual([first.id]);
});

test("one host has no more connections than the limit, with however many keys", async () => {
  await using peers = new TestPeers();
  const server = await peers.open({ per_host_max: 3 });
  const clients = [];
  for (let n = 0; n < 5; n++) clients.push(await peers.open({ listen: [], bootstrap: server.addresses }));
  await expect.poll(() => server.connected().length, WAIT).toBe(3);
  expect(clients.filter((client) => client.connected().length > 0).length).toBe(3);
});

test("who opens a stream that nobody serves, or to nobody, is told", async () => {
  await using peers = new TestPeers();
  const server = await peers.open();
  const client = await peers.open({ listen: [] });
  await expect(client.open(server.id, "/infernet/none/1")).rejects.toThrow(PeerFault);
  const nobody = createIdentity().id;
  const addresses: PeerAddress[] = [`/ip4/127.0.0.1/tcp/1`];
  await expect(client.open(nobody, "/infernet/test/1", { addresses })).rejects.toThrow(PeerFault);
});

test("opening a node can be given up while somebody to begin with says nothing", async () => {
  await using peers = new TestPeers();
  await using stack = new AsyncDisposableStack();
  const silent = createServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  stack.defer(() => void silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const id = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
  const enough = new AbortController();
  const opening = peers.open({
    ...{ listen: [], bootstrap: [`/ip4/127.0.0.1/tcp/${port}/p2p/${id}`], signal: enough.signal },
  });
  await once(silent, "connection");
  const given = new Error("enough");
  enough.abort(given);
  await expect(opening).rejects.toThrow(given);
});

test("sockets that say nothing do not keep a node from stopping", async () => {
  await using peers = new TestPeers();
  const node = await peers.open({ listen: [...LOOPBACK, "/ip4/127.0.0.1/tcp/0/ws"] });
  const sockets = node.addresses.map((address) =>
    connect(Number(/tcp\/(\d+)/.exec(address)?.[1]), "127.0.0.1"),
  );
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const closed = Promise.all(
    sockets.map((socket) =>
      once(
        socket.on("error", () => undefined),
        "close",
      ),
    ),
  );
  await node.stop();
  await closed;
});
