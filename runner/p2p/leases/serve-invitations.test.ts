import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import type { Lease } from "@infernet/schemas/runner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEchoEngine } from "../../engine/echo-engine.ts";
import { createIdentity } from "../../identity/identity.ts";
import { createRunner, type Runner, type RunnerOptions } from "../../runner.ts";
import { EdgeRefusal } from "../../transport/edge-error.ts";
import { MemoryEdge } from "../../transport/memory-edge.ts";
import type { RunnerEvent } from "../../work/runner-event.ts";
import { createEchoModel } from "../jobs/testing/echo-provider.ts";
import type { PeerSettings } from "../join/peer-settings.ts";
import { TestAggregator } from "../testing/test-aggregator.ts";
import { TestPeers } from "../testing/test-peers.ts";
import type { AggregatorRef } from "./aggregator-settings.ts";

let home: string;
let events: RunnerEvent[];
let runner: Runner | null;
let ended: Promise<void>;
/** Lets go what a test holds back. */
let release: () => void;
/** A first connection takes a moment, and several at once on a machine of two cores a longer one. */
const JOINING = { timeout: 15_000 };

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-aggregators-"));
  events = [];
  runner = null;
  ended = Promise.resolve();
  release = () => undefined;
});
afterEach(async () => {
  release();
  runner?.kill();
  await ended;
  await rm(home, { recursive: true, force: true });
});

const told = (name: RunnerEvent["event"]): RunnerEvent[] => events.filter(({ event }) => event === name);

/** A runner that works for these, and for an edge where there is one. */
async function start(
  allowed: AggregatorRef[],
  options: Partial<RunnerOptions> = {},
  bootstrap: string[] = [],
  at_most = 4,
): Promise<Runner> {
  const peers: PeerSettings = {
    ...{ listen: [], announce: [], bootstrap, isLocal: false, isRelay: false },
    ...{ connections_max: 50, isSharing: false, aggregators: { allowed, at_most } },
  };
  runner = await createRunner({
    ...{ home, peers, engines: [createEchoEngine()], log: (event) => events.push(event) },
    ...options,
  });
  ended = runner.run();
  return runner;
}

const withEdge = (edge: MemoryEdge): Partial<RunnerOptions> => ({
  edge: "memory:",
  connect: ({ id }) => {
    edge.runner_id = id;
    return edge;
  },
});

/** A model of this edge's that takes so long over a row. */
async function addEcho(edge: MemoryEdge, row_ms = 0): Promise<Sha256> {
  const { manifest, file } = await createEchoModel(row_ms);
  return edge.addModel(manifest, [file]);
}

function offerRow(edge: MemoryEdge, model: Sha256): Lease {
  const x = { name: "x", datatype: "UINT8", shape: [1, 2], data: Uint8Array.of(1, 2) } as const;
  return edge.offer({ model, rows: [{ start: 0, count: 1 }], inputs: [{ ...x, shape: [1, 2] }] });
}

test("a runner with no edge works for the aggregator whose address its owner has named, model and all", async () => {
  await using peers = new TestPeers();
  const aggregator = new TestAggregator("den");
  const node = await peers.open();
  await aggregator.serve(node);
  offerRow(aggregator.edge, await addEcho(aggregator.edge));
  const { id } = await start(node.addresses);
  aggregator.edge.runner_id = id;
  await expect.poll(() => aggregator.edge.results, JOINING).toMatchObject([{ outcome: "done" }]);
  const { network, name } = aggregator;
  expect(told("started")).toMatchObject([{ edge: null }]);
  expect(told("aggregator.joined")).toMatchObject([
    { aggregator: network, name, peer: node.id, terms: { pay: "free" } },
  ]);
  expect(told("shard.done")).toMatchObject([{ aggregator: network }]);
  runner?.drain();
  await ended;
  expect(told("stopped").at(-1)).toMatchObject({ shards_done: 1 });
  expect(aggregator.edge.hasLeft).toBe(true);
});

test("who is invited works for the aggregator if its owner allows it, and says why else", async () => {
  await using peers = new TestPeers();
  const node = await peers.open();
  const [den, attic] = [new TestAggregator("den"), new TestAggregator("attic")];
  await den.serve(node);
  const { id } = await start([den.network], {}, node.addresses);
  await expect.poll(() => node.connected(), JOINING).toContain(id);
  await expect
    .poll(() => attic.invite(node, id), JOINING)
    .toMatchObject({
      accepted: false,
      detail: expect.stringMatching("has not listed"),
    });
  expect(await den.invite(node, id)).toEqual({ accepted: true, detail: "" });
  await expect.poll(() => den.edge.registered, JOINING).toHaveLength(1);
  expect(attic.edge.registered).toEqual([]);
});

test("an edge and two peers' aggregators have equal shares of one machine", async () => {
  await using peers = new TestPeers();
  const edge = new MemoryEdge();
  const aggregators = [new TestAggregator("den"), new TestAggregator("attic")];
  const addresses: string[] = [];
  for (const aggregator of aggregators) {
    const node = await peers.open();
    await aggregator.serve(node);
    addresses.push(...node.addresses);
  }
  const edges = [edge, ...aggregators.map((aggregator) => aggregator.edge)];
  const model = await addEcho(edge, 10);
  for (const one of edges) {
    await addEcho(one, 10);
    for (let i = 0; i < 60; i++) offerRow(one, model);
  }
  const hold = Promise.withResolvers<void>();
  release = hold.resolve;
  edge.intercept("poll", () => hold.promise);
  const { id } = await start(addresses, withEdge(edge));
  for (const one of edges) one.runner_id = id;
  for (const { edge: one } of aggregators) one.intercept("poll", () => hold.promise);
  await expect.poll(() => aggregators.map((one) => one.edge.registered.length), JOINING).toEqual([1, 1]);
  release();
  await expect
    .poll(() => edges.reduce((sum, { results }) => sum + results.length, 0), JOINING)
    .toBeGreaterThanOrEqual(90);
  const counts = edges.map(({ results }) => results.length);
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(20);
});

test("an aggregator that bans the runner is worked for no more, and the others are", async () => {
  await using peers = new TestPeers();
  const edge = new MemoryEdge();
  const aggregator = new TestAggregator("den");
  const node = await peers.open();
  await aggregator.serve(node);
  aggregator.edge.intercept("register", () =>
    Promise.reject(new EdgeRefusal("never again", 403, "provider_banned")),
  );
  await start(node.addresses, withEdge(edge));
  await expect
    .poll(() => told("aggregator.left"), JOINING)
    .toMatchObject([{ name: "den", detail: expect.stringMatching("never again") }]);
  offerRow(edge, await addEcho(edge));
  await expect.poll(() => edge.results, JOINING).toHaveLength(1);
});

test("an aggregator that dies and comes back gets what was computed for it, and the runner was never started anew", async () => {
  await using peers = new TestPeers();
  const aggregator = new TestAggregator("den");
  const identity = createIdentity();
  const node = await peers.open({ identity });
  const [address = ""] = node.addresses;
  await aggregator.serve(node);
  const model = await addEcho(aggregator.edge, 100);
  const lease = offerRow(aggregator.edge, model);
  const { id } = await start([address]);
  aggregator.edge.runner_id = id;
  await expect.poll(() => told("model.loaded"), JOINING).toHaveLength(1);
  await node.stop();
  await expect.poll(() => told("shard.done"), JOINING).toHaveLength(1);
  await expect
    .poll(() => told("edge.unreachable"), JOINING)
    .toMatchObject([{ aggregator: aggregator.network }]);
  const again = await peers.open({ identity, bootstrap: [], listen: [address.replace(/\/p2p\/.*/, "")] });
  await aggregator.serve(again);
  await expect
    .poll(() => aggregator.edge.results, JOINING)
    .toMatchObject([{ lease_id: lease.id, outcome: "done" }]);
  offerRow(aggregator.edge, model);
  await expect.poll(() => aggregator.edge.results, JOINING).toHaveLength(2);
  expect(told("aggregator.joined")).toHaveLength(1);
});
