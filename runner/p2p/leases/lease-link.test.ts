import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { encodeBinary } from "@infernet/schemas/binary";
import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { formatJobId, formatPartition } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { LeaseAnswerHead } from "@infernet/schemas/peer/lease-frame";
import { expect, test } from "vitest";
import { createIdentity } from "../../identity/identity.ts";
import { createHttpEdgeClient } from "../../transport/http-edge-client.ts";
import { signRequest } from "../../transport/sign-request.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { TestPeers } from "../testing/test-peers.ts";
import type { HandleRequest } from "./answer-request.ts";
import { openLeaseLink } from "./lease-link.ts";
import { serveLeases } from "./serve-leases.ts";

const NETWORK = NetworkId.parse(`net_${"A".repeat(43)}`);
const NEVER = new AbortController().signal;
const json = (value: unknown): Response => Response.json(value);

/** An aggregator's node that answers with `handle`, and a runner's client to it. */
async function openPair(peers: TestPeers, handle: HandleRequest, runners_max = 8) {
  const identity = createIdentity();
  const host = await peers.open();
  await serveLeases(host, { handle, runners_max, invite: async () => new Uint8Array([1, 2]) });
  const node = await peers.open({ identity, listen: [] });
  const link = openLeaseLink({ node, peer: host.id, addresses: () => host.addresses });
  const client = createHttpEdgeClient({
    ...{ edge: `peer://${NETWORK}`, identity, fetch: link.fetch, network: NETWORK },
    retry_ms_min: 1,
  });
  return { host, node, identity, link, client };
}

test("a runner's requests reach the aggregator with body and signature, and answers come back whole", async () => {
  await using peers = new TestPeers();
  const asked: { path: string; body: string; input: string | null }[] = [];
  const { client, link } = await openPair(peers, async (request) => {
    const { pathname } = new URL(request.url);
    asked.push({ path: pathname, body: await request.text(), input: request.headers.get("signature-input") });
    if (pathname === "/runner/heartbeat") return json({ renewed: [], lost: [] });
    return new Response(null, { status: 204 });
  });
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
  await client.leave(NEVER);
  expect(asked).toEqual([
    {
      path: "/runner/heartbeat",
      body: '{"leases":[]}',
      input: expect.stringContaining(`infernet-runner/${NETWORK}`),
    },
    { path: "/runner/leave", body: "{}", input: expect.any(String) },
  ]);
  expect(await link.ask(NEVER)).toEqual(new Uint8Array([1, 2]));
});

test("a refusal is the aggregator's, with its code and when to come again", async () => {
  await using peers = new TestPeers();
  const { client } = await openPair(peers, async () =>
    Response.json(
      { code: "rate_limited", detail: "Too many.", hint: "Wait." },
      { status: 429, headers: { "Retry-After": "7" } },
    ),
  );
  await expect(client.heartbeat({ leases: [] }, NEVER)).rejects.toMatchObject({
    ...{ status: 429, code: "rate_limited", retry_after_ms: 7_000 },
  });
});

test("blobs come and go in pieces, however large", async () => {
  await using peers = new TestPeers();
  const bytes = new Uint8Array(3 * LIMITS.lease_piece_bytes_max + 17).map((_, i) => i % 251);
  const digest = Sha256.parse(createHash("sha256").update(bytes).digest("hex"));
  let stored = "";
  const { client } = await openPair(peers, async (request) => {
    if (request.method === "GET") return new Response(new Blob([bytes]).stream());
    const hash = createHash("sha256");
    for await (const piece of request.body ?? []) hash.update(piece);
    stored = hash.digest("hex");
    return new Response(null, { status: 204 });
  });
  await client.putBlob(digest, bytes, NEVER);
  expect(stored).toBe(digest);
  const hash = createHash("sha256");
  for await (const piece of await client.getBlob(digest, NEVER)) hash.update(piece);
  expect(hash.digest("hex")).toBe(digest);
});

test("what an aggregator leaves unread of a body is not taken for the next request", async () => {
  await using peers = new TestPeers();
  const { client } = await openPair(peers, async (request) =>
    request.method === "PUT" ? new Response(null, { status: 204 }) : json({ renewed: [], lost: [] }),
  );
  const bytes = new Uint8Array(LIMITS.lease_piece_bytes_max * 2);
  await client.putBlob(Sha256.parse("0".repeat(64)), bytes, NEVER);
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
});

test("a request that is parked holds up no other, and ends at the aggregator when it is given up", async () => {
  await using peers = new TestPeers();
  const ended = Promise.withResolvers<void>();
  const parked = Promise.withResolvers<void>();
  const { client } = await openPair(peers, async (request) => {
    if (!request.url.endsWith("/runner/poll")) return json({ renewed: [], lost: [] });
    request.signal.addEventListener("abort", () => ended.resolve());
    parked.resolve();
    await ended.promise;
    return new Response(null, { status: 204 });
  });
  const control = new AbortController();
  const poll = client.poll({ leases_max: 1, wait_ms: 25_000 }, control.signal);
  await parked.promise;
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
  control.abort(new Error("no more"));
  await expect(poll).rejects.toThrow("no more");
  await ended.promise;
});

test("an aggregator that has gone does not answer, and one that is back at its address is found again", async () => {
  await using peers = new TestPeers();
  const hostIdentity = createIdentity();
  const handle: HandleRequest = async () => json({ renewed: [], lost: [] });
  const host = await peers.open({ identity: hostIdentity });
  const [address = ""] = host.addresses;
  await serveLeases(host, { handle, runners_max: 8, invite: async () => null });
  const identity = createIdentity();
  const node = await peers.open({ identity, listen: [] });
  const link = openLeaseLink({ node, peer: host.id, addresses: () => [address] });
  const client = createHttpEdgeClient({ edge: "peer://gone", identity, fetch: link.fetch, network: NETWORK });
  await client.heartbeat({ leases: [] }, NEVER);
  await host.stop();
  await expect(client.heartbeat({ leases: [] }, NEVER)).rejects.toMatchObject({ name: "EdgeUnreachable" });
  const listen = [address.replace(/\/p2p\/.*/, "")];
  const again = await peers.open({ identity: hostIdentity, listen, bootstrap: [] });
  await serveLeases(again, { handle, runners_max: 8, invite: async () => null });
  await expect
    .poll(() => client.heartbeat({ leases: [] }, NEVER).catch(String))
    .toEqual({ renewed: [], lost: [] });
});

test("a request that another has signed, of another's or for the operator is refused, and the node lives on", async () => {
  await using peers = new TestPeers();
  const reached: string[] = [];
  const { host, node, client, identity } = await openPair(peers, async (request) => {
    reached.push(new URL(request.url).pathname);
    return json({ renewed: [], lost: [] });
  });
  const say = async (path: string, signer = identity, method = "GET"): Promise<unknown> => {
    const messages = openMessages(await node.open(host.id, PROTOCOLS.lease));
    const headers = signRequest({ method, url: `http://a${path}`, body: null }, signer, 1);
    await messages.send({ kind: "request", method, path, headers, body_bytes: 0 });
    return messages.receive(LeaseAnswerHead).catch((error: unknown) => (error as { kind: string }).kind);
  };
  expect(await say("/runner/demand", createIdentity())).toBe("gone");
  expect(await say("/jobs")).toBe("gone");
  expect(await say("/accounts/acc_1/grants", identity, "POST")).toBe("gone");
  expect(reached).toEqual([]);
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
});

test("frames that are none, bodies that are too long and bodies that never come end their stream alone", async () => {
  await using peers = new TestPeers();
  const { host, node, client, identity } = await openPair(peers, async (request) => {
    await request.text();
    return json({ renewed: [], lost: [] });
  });
  const path = "/runner/heartbeat";
  const headers = signRequest({ method: "POST", url: `http://a${path}`, body: null }, identity, 0);
  const heads: unknown[] = [
    "not a request",
    { kind: "request", method: "DELETE", path, headers, body_bytes: 0 },
    { kind: "request", method: "POST", path, headers: { ...headers, cookie: "x" }, body_bytes: 0 },
    { kind: "request", method: "POST", path: "/runner/heart beat", headers, body_bytes: 0 },
    { kind: "request", method: "POST", path, headers, body_bytes: LIMITS.submission_bytes_max + 1 },
    { kind: "request", method: "POST", path, headers, body_bytes: 1e12 },
  ];
  for (const head of heads) {
    const messages = openMessages(await node.open(host.id, PROTOCOLS.lease));
    await messages.send(head);
    expect(await messages.receive(LeaseAnswerHead).catch((error: { kind: string }) => error.kind)).toBe(
      "gone",
    );
  }
  // More than was said: the rest is no head.
  const messages = openMessages(await node.open(host.id, PROTOCOLS.lease));
  await messages.send({ kind: "request", method: "POST", path, headers, body_bytes: 4 });
  await messages.sendBytes(new Uint8Array(9));
  await expect(messages.receive(LeaseAnswerHead)).rejects.toMatchObject({ kind: "gone" });
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
});

test("no more runners are answered than the aggregator takes, and each has so many streams", async () => {
  await using peers = new TestPeers();
  const { host, client } = await openPair(peers, async () => json({ renewed: [], lost: [] }), 1);
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
  const identity = createIdentity();
  const second = await peers.open({ identity, listen: [] });
  const link = openLeaseLink({ node: second, peer: host.id, addresses: () => host.addresses });
  const late = createHttpEdgeClient({ edge: "peer://late", identity, fetch: link.fetch, network: NETWORK });
  await expect(late.heartbeat({ leases: [] }, NEVER)).rejects.toMatchObject({ name: "EdgeUnreachable" });
  await turn();
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
});

test("tokens go in posts, with no WebSocket tried before", async () => {
  await using peers = new TestPeers();
  const kept = { kept: [], resend: [], ended: [] };
  const asked: string[] = [];
  const { client } = await openPair(peers, async (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return new Response(encodeBinary(kept));
  });
  const job = formatJobId(formatPartition(1), "019aa5d0c1f07c3e8f2b6d4e5a901122");
  const answered = await new Promise((resolve, reject) => {
    const link = client.openStream(job, {
      onOpen: () => link.send({ deltas: [] }),
      onMessage: resolve,
      onReady: () => undefined,
      onEnd: reject,
    });
  });
  expect(answered).toEqual(kept);
  expect(asked).toEqual(["POST /runner/stream"]);
});

test("an aggregator that answers with more than leases ever are, or not at all to the end, is one that does not answer", async () => {
  await using peers = new TestPeers();
  const endless = new ReadableStream<Uint8Array>({
    pull: (control) => control.enqueue(new Uint8Array(LIMITS.lease_piece_bytes_max)),
  });
  const { client } = await openPair(peers, async (request) =>
    request.url.endsWith("/runner/challenge") ? new Response(endless) : json({ renewed: [], lost: [] }),
  );
  await expect(client.challenge(NEVER)).rejects.toMatchObject({ name: "EdgeUnreachable" });
  expect(await client.heartbeat({ leases: [] }, NEVER)).toEqual({ renewed: [], lost: [] });
});
