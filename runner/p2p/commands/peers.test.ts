import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunnerId } from "@infernet/schemas/ids";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Cli, runCli, startCli } from "../../cli/testing/run-cli.ts";
import { type StubEdge, startStubEdge } from "../../cli/testing/stub-edge.ts";
import { askPeers } from "../../control/ask-peers.ts";
import { PeersReport } from "../../control/peers-report.ts";
import { TestPeers } from "../testing/test-peers.ts";

const Listening = z.object({ event: z.literal("listening"), id: RunnerId, addresses: z.array(z.string()) });

let folder: string;
let edge: StubEdge;
const started: Cli[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "infernet-peers-"));
  edge = await startStubEdge();
});
afterEach(async () => {
  for (const { child, exit } of started.splice(0)) {
    child.kill("SIGKILL");
    await exit;
  }
  await edge.close();
  await rm(folder, { recursive: true, force: true });
});

const launch = (...args: string[]): Cli => {
  const cli = startCli(args);
  started.push(cli);
  return cli;
};

/** `infernet-runner peer`, when it listens. */
async function startPeer(...flags: string[]): Promise<{ cli: Cli; id: RunnerId; addresses: string[] }> {
  const listen = "/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws";
  const cli = launch("peer", "--home", join(folder, "peer"), "--listen", listen, "--json", ...flags);
  const line = () => cli.stdout.split("\n").find((text) => text.includes('"listening"')) ?? "";
  await expect.poll(line, { timeout: 30_000 }).not.toBe("");
  const { id, addresses } = Listening.parse(JSON.parse(line()));
  return { cli, id, addresses };
}

test("a peer and a runner that begins with it tell how they stand with each other", async () => {
  const peer = await startPeer();
  const bootstrap = peer.addresses.join(",");
  const home = join(folder, "runner");
  const flags = ["--edge", edge.url, "--home", home, "--peers-bootstrap", bootstrap, "--json"];
  launch("start", ...flags);
  await expect
    .poll(() => askPeers(home), { timeout: 40_000 })
    .toMatchObject({
      state: "among_peers",
      reachability: "relayed",
      addresses: expect.arrayContaining([expect.stringContaining("/p2p-circuit/p2p/")]),
      peers: [{ id: peer.id, way: "direct", direction: "outbound" }],
    });

  const [told, json, status, doctor] = await Promise.all([
    runCli(["peers", "--home", home]),
    runCli(["peers", "--home", home, "--json"]),
    runCli(["status", "--home", home]),
    runCli(["doctor", "--home", home, "--edge", edge.url]),
  ]);
  expect(told.stdout).toContain("This machine is reached by way of a relay, which passes everything on.");
  expect(told.stdout).toContain(peer.id);
  expect(PeersReport.parse(JSON.parse(json.stdout)).peers).toHaveLength(1);
  expect(status.stdout).toMatch(
    /^peers +in the network of peers, with 1 connection; this machine is reached/m,
  );
  expect(doctor.stdout).toMatch(/PASS +peers +in the network of peers/);
});

test("the doctor names peers to begin with that are dead, and the way out", async () => {
  const dead = `/ip4/127.0.0.1/tcp/1/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5`;
  edge.routes["/peers"] = (response) =>
    void response.end(JSON.stringify({ object: "peers", bootstrap: [dead] }));
  const { stdout } = await runCli(["doctor", "--home", folder, "--edge", edge.url]);
  expect(stdout).toMatch(
    /WARN +peers +the one peer to begin with does not answer: \/ip4\/127\.0\.0\.1\/tcp\/1\/p2p/,
  );
  expect(stdout).toContain("Set peers.bootstrap to a peer that is up");
});

test("nobody is asked for peers where no runner runs, and a peer says what it cannot listen on", async () => {
  const [peers, taken] = await Promise.all([
    runCli(["peers", "--home", folder]),
    runCli(["peer", "--home", join(folder, "peer"), "--listen", "/ip4/192.0.2.1/tcp/4801"]),
  ]);
  expect(peers.code).toBe(10);
  expect([taken.code, taken.stdout]).toEqual([
    3,
    expect.stringContaining("cannot listen on /ip4/192.0.2.1/tcp/4801: this machine has no such address"),
  ]);
});

/** What begins a conversation, as multistream-select has it: the length, the text, a line feed. */
const said = (text: string): Buffer =>
  Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(`${text}\n`)]);
const HELLO = [said("/multistream/1.0.0"), said("/noise")];
/** A message of Noise: two bytes of length, and as many that mean nothing. */
const noise = (length: number): Buffer =>
  Buffer.concat([Buffer.from([length >> 8, length & 255]), randomBytes(length)]);
const UPGRADE = Buffer.from(
  "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);
const CONVERSATIONS: readonly (readonly Buffer[])[] = [
  [],
  [randomBytes(1)],
  [randomBytes(3_000)],
  HELLO.slice(0, 1),
  HELLO,
  [...HELLO, noise(32)],
  [...HELLO, noise(31), noise(200)],
  [Buffer.concat([...HELLO, noise(32), noise(200), noise(64)])],
  [...HELLO, Buffer.from([0xff, 0xff]), randomBytes(70_000)],
  [said("/multistream/1.0.0"), said("/tls/1.0.0"), said("x".repeat(100))],
  [Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  [Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
  [UPGRADE],
  // A frame with bits that mean nothing, one that is cut off, one of 2^63 bytes, and text that is no UTF-8.
  [UPGRADE, Buffer.from([0xf2, 0x85, 1, 2, 3, 4, 5])],
  [UPGRADE, Buffer.from([0x82, 0x85, 1, 2, 3, 4, 5])],
  [UPGRADE, Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  [UPGRADE, Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff])],
  [Buffer.concat([UPGRADE, Buffer.from([0xf2, 0x85, 1, 2, 3, 4, 5])])],
];
const ENDS = ["end", "destroy", "resetAndDestroy"] as const;

/** Says each part in a turn of its own, and goes in the given way without waiting for an answer. */
async function converse(port: number, parts: readonly Buffer[], end: (typeof ENDS)[number]): Promise<void> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([new Promise((resolve) => socket.once("connect", resolve)), closed]);
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket[end]();
  socket.resume();
  await closed;
}

test("handshakes that break off, and bytes that mean nothing, end no process", async () => {
  await using nodes = new TestPeers();
  const { cli, id, addresses } = await startPeer();
  const ports = addresses.map((address) => Number(/\/tcp\/(\d+)/.exec(address)?.[1]));
  for (const port of ports)
    for (const end of ENDS)
      for (let wave = 0; wave < CONVERSATIONS.length; wave += 6)
        await Promise.all(CONVERSATIONS.slice(wave, wave + 6).map((parts) => converse(port, parts, end)));
  // It still serves whoever means it.
  const client = await nodes.open({ listen: [], bootstrap: addresses, rejoin_ms_min: 100 });
  await expect.poll(() => client.connected(), { timeout: 20_000 }).toEqual([id]);
  cli.child.kill("SIGTERM");
  expect(await cli.exit).toBe(0);
  expect(cli.stderr).toBe("");
});
