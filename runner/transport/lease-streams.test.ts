import { randomInt } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatJobId, formatLeaseId, formatPartition, publicKeyOf, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { SignedBlock } from "@infernet/schemas/llm/token-block";
import type { Lease } from "@infernet/schemas/runner";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { SIGNATURE } from "@infernet/schemas/signature";
import { verifySignature, webcrypto } from "http-message-sig";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { createHttpEdgeClient } from "./http-edge-client.ts";
import { LeaseStreams } from "./lease-streams.ts";
import { MemoryEdge } from "./memory-edge.ts";
import type { LeaseStream } from "./stream-channel.ts";
import { type StreamServer, startStreamServer } from "./testing/stream-server.ts";

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.info(`seed ${seed}; SEED=${seed} repeats it`);

const identity = createIdentity();
const CLASS = ExecutionClass.parse("llm/1/cpu/fp32");
const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const YESTERDAY = "019aa0000000700080000000000000ff";
const partition = formatPartition(1);

const leaseOf = (shard: number, uuid = UUID): Pick<Lease, "id" | "job_id" | "shard"> => ({
  id: formatLeaseId(partition, uuid, shard),
  job_id: formatJobId(partition, uuid),
  shard,
});
const part = (position: number): TokenPart => ({ token: position, text: `${position};`, logprob: null });
const textTo = (end: number, start = 0): string =>
  Array.from({ length: end - start }, (_, i) => `${start + i};`).join("");
const blockAt = (start: number): SignedBlock => ({
  block: { start, tokens: [1], fingerprint: new Uint8Array(48), margins: [0] },
  execution_class: CLASS,
  chain: Sha256.parse("0".repeat(64)),
  signature: "A".repeat(86),
});
/** The block that a position completes. */
const blockOf = (position: number): SignedBlock | null =>
  (position + 1) % 32 === 0 ? blockAt(position - 31) : null;
const begin = (stream: LeaseStream): LeaseStream => {
  stream.begin(CLASS);
  return stream;
};
const ignore = (): void => undefined;
const LISTENER = { onBlocked: ignore, onSilent: ignore };

/** What both ways to an edge are held to: over real sockets, and in memory. */
interface Way {
  client: ConstructorParameters<typeof LeaseStreams>[0];
  streams: StreamServer["streams"];
  cut(forgets?: boolean): void;
  end(id: Lease["id"]): void;
  close(): Promise<void>;
}

const clientOf = (url: string) => createHttpEdgeClient({ edge: url, identity, retry_ms_min: 5 });

async function overSockets(): Promise<Way> {
  const server = await startStreamServer();
  const { streams, cut, end, close } = server;
  return { client: clientOf(server.url), streams, cut, end, close };
}

async function inMemory(): Promise<Way> {
  const edge = new MemoryEdge();
  const { streams } = edge;
  return {
    client: edge,
    streams,
    cut: (forgets = false) => (forgets ? streams.crash() : streams.cut()),
    end: (id) => streams.end(id),
    close: async () => undefined,
  };
}

describe.each([
  ["over sockets", overSockets],
  ["in memory", inMemory],
])("tokens of leases, %s", (_, open) => {
  let way: Way;
  let streams: LeaseStreams;
  beforeEach(async () => {
    way = await open();
    streams = new LeaseStreams(way.client, LISTENER);
  });
  afterEach(async () => {
    streams.close();
    await way.close();
  });
  const deltas = () => way.streams.messages.flatMap(({ deltas }) => deltas);

  it("come in order, with the blocks that they complete, from the first that was not given", async () => {
    const lease = leaseOf(0);
    const stream = begin(streams.open(lease, 20, ignore));
    for (let position = 20; position < 100; position++) stream.push(part(position), blockOf(position));
    await expect.poll(() => way.streams.textOf(lease.id)).toBe(textTo(100, 20));
    expect(way.streams.blocksOf(lease.id).map(({ block }) => block.start)).toEqual([0, 32, 64]);
    expect(deltas().at(-1)).toMatchObject({ execution_class: CLASS });
  });

  /** Ten steps of an engine, each a turn of the event loop apart; how many leases each message was of. */
  async function step(
    leases: readonly Pick<Lease, "id">[],
    opened: readonly LeaseStream[],
  ): Promise<number[]> {
    const before = way.streams.messages.length;
    for (let step = 0; step < 10; step++) {
      for (const stream of opened) stream.push(part(step), null);
      // The flush is in this turn of the event loop or the next.
      await turn();
      await turn();
    }
    await expect
      .poll(() => leases.map(({ id }) => way.streams.textOf(id)))
      .toEqual(leases.map(() => textTo(10)));
    const sent = way.streams.messages.slice(before);
    return sent.map(({ deltas }) => deltas.filter(({ parts }) => parts.length > 0).length).filter(Boolean);
  }

  it("of one lease travel at once", async () => {
    const lease = leaseOf(0);
    const stream = begin(streams.open(lease, 0, ignore));
    await expect.poll(() => deltas().length).toBeGreaterThan(0);
    expect(await step([lease], [stream])).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it("of many leases travel together, and with those of the steps just after", async () => {
    const leases = Array.from({ length: 16 }, (_, shard) => leaseOf(shard));
    const opened = leases.map((lease) => begin(streams.open(lease, 0, ignore)));
    await expect.poll(() => deltas().length).toBeGreaterThan(0);
    const sent = await step(leases, opened);
    expect(new Set(sent)).toEqual(new Set([16]));
    expect(sent.length).toBeLessThan(10);
  });

  it("share a connection where one object owns their jobs, and have another for each other object", async () => {
    for (const lease of [leaseOf(0), leaseOf(1), leaseOf(2, YESTERDAY)])
      streams.open(lease, 0, ignore).begin(CLASS);
    await expect.poll(() => new Set(deltas().map(({ lease_id }) => lease_id)).size).toBe(3);
    for (const { deltas } of way.streams.messages)
      expect(new Set(deltas.map(({ job_id }) => job_id)).size).toBe(1);
  });

  it("are none any more when the edge wants no more of a lease, and the others go on", async () => {
    const ended: string[] = [];
    const [gone, stays] = [leaseOf(0), leaseOf(1)];
    const first = begin(streams.open(gone, 0, () => ended.push(gone.id)));
    const second = begin(streams.open(stays, 0, ignore));
    first.push(part(0), null);
    await expect.poll(() => way.streams.textOf(gone.id)).toBe(textTo(1));
    way.end(gone.id);
    await expect.poll(() => ended).toEqual([gone.id]);
    first.push(part(1), null);
    second.push(part(0), null);
    await expect.poll(() => way.streams.textOf(stays.id)).toBe(textTo(1));
    expect(way.streams.textOf(gone.id)).toBe(textTo(1));
  });

  it("come without a gap or a repetition, wherever connections break and edges forget what they did not keep", async () => {
    const random = seededRandom(seed);
    const leases = Array.from({ length: 4 }, (_, shard) => ({ ...leaseOf(shard), start: shard * 9 }));
    const opened = leases.map((lease) => begin(streams.open(lease, lease.start, ignore)));
    for (let step = 0; step < 300; step++) {
      for (const [i, stream] of opened.entries()) {
        const position = (leases[i]?.start ?? 0) + step;
        stream.push(part(position), blockOf(position));
      }
      if (random() < 0.5) await turn();
      if (random() < 0.05) way.cut(random() < 0.5);
      // Long enough for a connection, sometimes.
      if (random() < 0.05) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { id, start } of leases) {
      await expect.poll(() => way.streams.textOf(id), { timeout: 5_000 }).toBe(textTo(start + 300, start));
      const first = Math.floor(start / 32);
      const blocks = way.streams.blocksOf(id).map(({ block }) => block.start / 32);
      expect(blocks).toEqual(
        Array.from({ length: Math.floor((start + 300) / 32) - first }, (_, i) => first + i),
      );
    }
  });
});

describe("a channel of tokens over sockets", () => {
  let server: StreamServer;
  let streams: LeaseStreams;
  let blocked: number;
  let silent: number;
  beforeEach(async () => {
    server = await startStreamServer();
    blocked = 0;
    silent = 0;
    streams = new LeaseStreams(clientOf(server.url), {
      onBlocked: () => {
        blocked += 1;
      },
      onSilent: () => {
        silent += 1;
      },
    });
  });
  afterEach(async () => {
    streams.close();
    await server.close();
  });

  it("is opened by a request that the runner's id alone verifies", async () => {
    streams.open(leaseOf(0), 0, ignore);
    await expect.poll(() => server.connections).toBe(1);
    const [request] = server.requests;
    if (request === undefined) throw new Error("there was an upgrade");
    const fields = Object.entries(request.headers).map(([name, value]) => ({ name, value: String(value) }));
    expect(request.url).toBe(`/runner/stream?job=${leaseOf(0).job_id}`);
    const verified = await verifySignature(
      { kind: "request", method: "GET", targetUri: `${server.url}${request.url}`, fields },
      {
        label: SIGNATURE.label,
        policy: {
          algorithms: ["ed25519"],
          requiredComponents: SIGNATURE.components_without_body,
          requiredParameters: ["created", "keyid"],
          maxAge: 60,
        },
        resolveVerifier: async ({ parameters }) => {
          const key = publicKeyOf(RunnerId.parse(parameters.keyid));
          return webcrypto.verifier(await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]));
        },
      },
    );
    expect(verified.parameters).toMatchObject({ keyid: identity.id, tag: SIGNATURE.tag });
  });

  it("goes by posts where two upgrades in a row were refused by something that is no edge, and says so once", async () => {
    server.refuse = { status: 502, body: "<html>" };
    const leases = [leaseOf(0), leaseOf(1)];
    const opened = leases.map((lease) => begin(streams.open(lease, 0, ignore)));
    for (let position = 0; position < 40; position++) {
      for (const stream of opened) stream.push(part(position), blockOf(position));
      await turn();
    }
    for (const { id } of leases) await expect.poll(() => server.streams.textOf(id)).toBe(textTo(40));
    expect(server.requests.slice(0, 3).map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
    // What was made while a post was on its way went in the next.
    expect(server.requests.length).toBeLessThan(12);
    expect(blocked).toBe(1);
    streams.open(leaseOf(2, YESTERDAY), 0, ignore);
    await expect.poll(() => server.requests.at(-1)?.method).toBe("POST");
    server.end(leaseOf(0).id);
    await expect
      .poll(() => server.streams.messages.at(-1)?.deltas.map(({ shard }) => shard), {
        timeout: 3 * LIMITS.stream_beat_ms,
      })
      .toEqual([1]);
  });

  it("keeps asking for a connection where an edge says no in its own words", async () => {
    server.refuse = { status: 409, body: JSON.stringify({ code: "runner_unregistered" }) };
    const stream = begin(streams.open(leaseOf(0), 0, ignore));
    stream.push(part(0), null);
    await expect.poll(() => server.requests.length).toBeGreaterThan(3);
    server.refuse = null;
    await expect.poll(() => server.streams.textOf(leaseOf(0).id)).toBe(textTo(1));
    expect(server.requests.every(({ method }) => method === "GET")).toBe(true);
    expect(blocked).toBe(0);
  });

  it("holds tokens back while the edge does not read, and then sends all of them", async () => {
    const lease = leaseOf(0);
    const stream = begin(streams.open(lease, 0, ignore));
    await expect.poll(() => server.connections).toBe(1);
    server.setDeaf(true);
    const long = "x".repeat(LIMITS.part_chars_max);
    const count = 1_000;
    for (let position = 0; position < count; position++) {
      stream.push({ token: position, text: long, logprob: null }, null);
      if (position % 10 === 0) await turn();
    }
    const before = process.memoryUsage.rss();
    server.setDeaf(false);
    await expect
      .poll(() => server.streams.textOf(lease.id).length, { timeout: 5_000 })
      .toBe(count * long.length);
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 ** 2);
  });

  it("gives up a connection on which nothing is heard any more", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const stream = begin(streams.open(leaseOf(0), 0, ignore));
      stream.push(part(0), null);
      await vi.waitFor(() => expect(server.streams.textOf(leaseOf(0).id)).toBe(textTo(1)));
      server.setDeaf(true);
      stream.push(part(1), null);
      vi.advanceTimersByTime(LIMITS.stream_pong_ms_max + 2_000);
      await vi.waitFor(() => expect(server.streams.textOf(leaseOf(0).id)).toBe(textTo(2)));
      expect(server.requests).toHaveLength(2);
      expect(silent).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is opened anew when the process has stood still", async () => {
    const stream = begin(streams.open(leaseOf(0), 0, ignore));
    await expect.poll(() => server.connections).toBe(1);
    streams.reconnect();
    stream.push(part(0), null);
    await expect.poll(() => server.streams.textOf(leaseOf(0).id)).toBe(textTo(1));
    expect(server.requests).toHaveLength(2);
  });
});

describe("a channel of tokens in the course of time", () => {
  let edge: MemoryEdge;
  let streams: LeaseStreams;
  beforeEach(() => {
    vi.useFakeTimers();
    edge = new MemoryEdge();
    streams = new LeaseStreams(edge, LISTENER);
  });
  afterEach(() => void vi.useRealTimers());

  it("gives a sign of life of each lease from the moment it is taken until its answer is", async () => {
    const [quiet, busy] = [streams.open(leaseOf(0), 7, ignore), begin(streams.open(leaseOf(1), 0, ignore))];
    for (let ms = 0; ms < 4 * LIMITS.stream_beat_ms; ms += 50) {
      busy.push(part(ms / 50), null);
      await vi.advanceTimersByTimeAsync(50);
    }
    const deltas = edge.streams.messages.flatMap(({ deltas }) => deltas);
    const signs = deltas.filter(({ parts }) => parts.length === 0);
    expect(signs.filter(({ shard }) => shard === 0).length).toBeGreaterThanOrEqual(4);
    expect(signs[0]).toMatchObject({ lease_id: leaseOf(0).id, start: 7, execution_class: null });
    // Tokens are signs of life themselves; the first sign is of the new connection.
    expect(signs.filter(({ shard }) => shard === 1).length).toBeLessThanOrEqual(1);
    quiet.close();
    busy.close();
    const before = edge.streams.messages.length;
    await vi.advanceTimersByTimeAsync(4 * LIMITS.stream_beat_ms);
    expect(edge.streams.messages).toHaveLength(before);
  });

  it("stays open for a while without a lease, and is closed then", async () => {
    streams.open(leaseOf(0), 0, ignore).close();
    await vi.advanceTimersByTimeAsync(LIMITS.stream_idle_ms_max - 1);
    streams.open(leaseOf(1), 0, ignore).close();
    expect(edge.streams.connections).toBe(1);
    await vi.advanceTimersByTimeAsync(LIMITS.stream_idle_ms_max - 1);
    expect(edge.streams.connections).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(edge.streams.connections).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
