import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEchoEngine } from "../../engine/echo-engine.ts";
import { createRunner, type Runner } from "../../runner.ts";
import { MemoryEdge } from "../../transport/memory-edge.ts";
import type { RunnerEvent } from "../../work/runner-event.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { readKnownPeers, rememberPeers } from "./known-peers.ts";
import type { PeerSettings } from "./peer-settings.ts";

/** A machine that runs much else takes its time. */
const WAIT = { timeout: 20_000 };

const OUTBOUND: PeerSettings = {
  listen: [],
  announce: [],
  bootstrap: [],
  isLocal: false,
  isRelay: false,
  connections_max: 50,
  isSharing: true,
  aggregators: { allowed: [], at_most: 1 },
};

let home: string;
let edge: MemoryEdge;
let events: RunnerEvent[];
let stop: (() => Promise<void>) | null;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-join-"));
  edge = new MemoryEdge();
  events = [];
  stop = null;
});
afterEach(async () => {
  await stop?.();
  await rm(home, { recursive: true, force: true });
});

async function startRunner(peers: PeerSettings): Promise<Runner> {
  const runner = await createRunner({
    ...{ edge: "memory:", home, peers, engines: [createEchoEngine()], connect: () => edge },
    log: (event) => events.push(event),
  });
  const ended = runner.run();
  stop = async () => {
    runner.kill();
    await ended;
  };
  return runner;
}

test("a runner joins the peers that its edge names, and leaves them when it is killed", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  edge.bootstrap = first.addresses;
  const runner = await startRunner(OUTBOUND);
  await expect.poll(() => first.connected(), WAIT).toEqual([runner.id]);
  await stop?.();
  await expect.poll(() => first.connected(), WAIT).toEqual([]);
});

test("peers of the settings need no edge", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  edge.intercept("getPeers", () => Promise.reject(new Error("the edge is away")));
  const runner = await startRunner({ ...OUTBOUND, bootstrap: first.addresses });
  await expect.poll(() => first.connected(), WAIT).toEqual([runner.id]);
});

test("a runner goes back to the peers that it knew, when nobody names any", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  edge.bootstrap = first.addresses;
  await startRunner(OUTBOUND);
  const joined = () => events.some(({ event }) => event === "peers.joined");
  await expect.poll(joined, WAIT).toBe(true);
  await stop?.();
  await expect.poll(() => first.connected(), WAIT).toEqual([]);
  edge = new MemoryEdge();
  const again = await startRunner(OUTBOUND);
  await expect.poll(() => first.connected(), WAIT).toEqual([again.id]);
});

test("peers of another edge's network are not gone to", async () => {
  const address = "/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
  await rememberPeers(home, "https://edge.example", [{ address, direction: "outbound" }]);
  expect(await readKnownPeers(home, "https://edge.example")).toEqual([address]);
  expect(await readKnownPeers(home, "https://other.example")).toEqual([]);
  expect(await readKnownPeers(home, null)).toEqual([]);
});

test("a node that cannot be opened is a warning: the runner works for its edge", async () => {
  await startRunner({ ...OUTBOUND, listen: ["/ip4/192.0.2.1/tcp/4801"] });
  const warned = () => events.flatMap((event) => (event.event === "warning" ? [event.detail] : []));
  await expect
    .poll(warned, WAIT)
    .toEqual([
      expect.stringMatching(
        /^it works without peers: cannot listen on \/ip4\/192\.0\.2\.1\/tcp\/4801: this machine has no such address/,
      ),
    ]);
  await expect.poll(() => edge.polls.length, WAIT).toBeGreaterThan(0);
});
