import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { sha256 } from "@infernet/schemas/digest";
import { formatJobId, formatLeaseId, formatPartition, publicKeyOf, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type { RunnerRegistration, Submission } from "@infernet/schemas/runner";
import { SIGNATURE } from "@infernet/schemas/signature";
import { verifySignature, webcrypto } from "http-message-sig";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import type { EdgeClient } from "./edge-client.ts";
import { parseRetryAfter } from "./edge-error.ts";
import { createHttpEdgeClient } from "./http-edge-client.ts";
import { contentDigest } from "./sign-request.ts";

const identity = createIdentity();
const NEVER = new AbortController().signal;
const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const JOB = formatJobId(formatPartition(1), UUID);
const LEASE = formatLeaseId(formatPartition(1), UUID, 0);
const NETWORK = `net_${"A".repeat(43)}`;
const WELCOME = { runner_id: identity.id, network: NETWORK, now_ms: 1, poll_wait_ms: 25_000, warnings: [] };
const registration: RunnerRegistration = {
  version: "0.1.0",
  referee: false,
  capability: {
    engines: [
      { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
    ],
    memory_bytes: 1,
    cpu_cores: 1,
    gpus: [],
  },
};

interface Seen {
  request: IncomingMessage;
  body: Buffer;
}
type Answer = (response: ServerResponse, seen: Seen) => void;

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
};
const problem = (status: number, code: string): Answer =>
  json(status, { code, detail: `it is ${code}.`, hint: "Do this.", type: "", title: "", status });

describe("the edge over HTTP", () => {
  let server: Server;
  let answers: Answer[];
  let seen: Seen[];
  let told: string[];
  let client: EdgeClient;

  beforeEach(async () => {
    answers = [];
    seen = [];
    told = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const one = { request, body: Buffer.concat(chunks) };
        seen.push(one);
        (answers.shift() ?? json(200, WELCOME))(response, one);
      });
    });
    await listen(0);
    client = clientOf(portOf());
  });
  afterEach(() => stop());

  const portOf = (): number => (server.address() as AddressInfo).port;
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const clientOf = (port: number, request_timeout_ms = 5_000): EdgeClient =>
    createHttpEdgeClient({
      edge: `http://127.0.0.1:${port}/`,
      identity,
      onUnreachable: (detail) => told.push(detail),
      onBack: () => told.push("back"),
      retry_ms_min: 5,
      request_timeout_ms,
    });

  const verify = (request: IncomingMessage, requiredComponents: readonly string[]) => {
    const fields = Object.entries(request.headers).map(([name, value]) => ({ name, value: String(value) }));
    const targetUri = `http://127.0.0.1:${portOf()}${request.url}`;
    return verifySignature(
      { kind: "request", method: request.method ?? "", targetUri, fields },
      {
        label: SIGNATURE.label,
        policy: {
          algorithms: ["ed25519"],
          requiredComponents,
          requiredParameters: ["created", "keyid"],
          maxAge: 60,
        },
        resolveVerifier: async ({ parameters }) => {
          const key = publicKeyOf(RunnerId.parse(parameters.keyid));
          return webcrypto.verifier(await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]));
        },
      },
    );
  };

  it("signs method, path, query and body so that the id alone verifies it", async () => {
    await client.register(registration, NEVER);
    const [{ request, body }] = seen as [Seen];
    const verified = await verify(request, SIGNATURE.components_with_body);
    expect(verified.parameters).toMatchObject({ keyid: identity.id, tag: SIGNATURE.tag });
    expect(request.headers["content-digest"]).toBe(contentDigest(body));
  });

  it("leaves the digest out of a request without a body", async () => {
    answers = [(response) => response.end("blob")];
    const digest = await sha256(new TextEncoder().encode("blob"));
    await client.getBlob(digest, NEVER);
    expect(seen[0]?.request.headers["signature-input"]).toContain('("@method" "@path" "@query")');
    expect(seen[0]?.request.headers["content-digest"]).toBeUndefined();
  });

  it("keeps connections open for the requests that follow", async () => {
    for (let i = 0; i < 6; i++) await client.register(registration, NEVER);
    const ports = seen.map(({ request }) => request.socket.remotePort);
    expect(new Set(ports).size).toBeLessThanOrEqual(2);
  });

  it("asks again after 408, 429 and 5xx and waits as long as Retry-After says", async () => {
    answers = [problem(503, "unavailable"), json(429, {}, { "retry-after": "1" }), json(408, {})];
    const started = performance.now();
    await expect(client.register(registration, NEVER)).resolves.toEqual(WELCOME);
    expect(seen).toHaveLength(4);
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it("never repeats what was refused, and says what the edge said", async () => {
    answers = [problem(401, "signature_invalid")];
    await expect(client.register(registration, NEVER)).rejects.toMatchObject({
      status: 401,
      code: "signature_invalid",
      message: "POST /runner/register: it is signature_invalid. (signature_invalid) Do this.",
    });
    expect(seen).toHaveLength(1);
  });

  it("says that an address without problem details is no edge", async () => {
    answers = [(response) => response.writeHead(404).end("<html>")];
    await expect(client.register(registration, NEVER)).rejects.toThrow(/does not look like an Infernet edge/);
  });

  it("gives a blob up after some attempts that the edge answers with an error", async () => {
    answers = Array.from({ length: 20 }, () => problem(500, "internal"));
    const digest = await sha256(new Uint8Array(1));
    await expect(client.getBlob(digest, NEVER)).rejects.toMatchObject({ status: 500 });
    expect(seen).toHaveLength(6);
  });

  it("says once that the edge is away, waits, and says that it is back", async () => {
    const port = portOf();
    await stop();
    const registered = client.register(registration, NEVER);
    await expect.poll(() => told).toHaveLength(1);
    await listen(port);
    await expect(registered).resolves.toEqual(WELCOME);
    expect(told).toEqual([expect.stringContaining("does not answer"), "back"]);
  });

  it("asks again at once, however long it meant to wait, when the edge has answered something else", async () => {
    const port = portOf();
    await stop();
    const slow = createHttpEdgeClient({
      edge: `http://127.0.0.1:${port}/`,
      identity,
      onUnreachable: (detail) => told.push(detail),
      retry_ms_min: LIMITS.runner_retry_ms_max,
    });
    const registered = slow.register(registration, NEVER);
    await expect.poll(() => told).toHaveLength(1);
    const started = performance.now();
    await listen(port);
    answers = [json(200, { renewed: [], lost: [] })];
    await slow.heartbeat({ leases: [] }, NEVER);
    await expect(registered).resolves.toEqual(WELCOME);
    expect(performance.now() - started).toBeLessThan(LIMITS.runner_retry_ms_max / 2);
  });

  it("takes an edge that does not answer in time for one that is away", async () => {
    answers = [() => undefined];
    await clientOf(portOf(), 50).register(registration, NEVER);
    expect(told).toEqual([expect.stringContaining("did not answer within 50 ms"), "back"]);
  });

  it("ends with the signal's reason when nobody waits any more", async () => {
    answers = [() => undefined];
    const control = new AbortController();
    const registered = client.register(registration, control.signal);
    await expect.poll(() => seen).toHaveLength(1);
    control.abort(new Error("stopping"));
    await expect(registered).rejects.toThrow("stopping");
  });

  it("tries a heartbeat once", async () => {
    answers = [problem(503, "unavailable")];
    await expect(client.heartbeat({ leases: [] }, NEVER)).rejects.toMatchObject({ status: 503 });
    expect(seen).toHaveLength(1);
  });

  it("polls in JSON and reads leases in CBOR", async () => {
    const lease = {
      id: LEASE,
      job_id: JOB,
      shard: 0,
      model: await sha256(new Uint8Array(1)),
      rows: [{ start: 0, count: 2 }],
      inputs: [{ name: "x", datatype: "UINT8", shape: [2], data: new Uint8Array([1, 2]) }],
      expires_ms: 2,
      lease_ms: 3,
      deadline_ms: 4,
    };
    answers = [(response) => response.end(encodeBinary({ leases: [lease], now_ms: 5 }))];
    const { leases } = await client.poll({ leases_max: 1, wait_ms: 0 }, NEVER);
    expect(leases).toEqual([lease]);
    expect(JSON.parse(seen[0]?.body.toString() ?? "")).toEqual({ leases_max: 1, wait_ms: 0 });
  });

  it("submits results in CBOR", async () => {
    const receipts = [{ lease_id: LEASE, status: "accepted", code: null, detail: null }];
    answers = [json(200, { receipts })];
    const submission: Submission = {
      results: [{ lease_id: LEASE, job_id: JOB, shard: 0, outcome: "handed_back" }],
    };
    await expect(client.submit(submission, NEVER)).resolves.toEqual({ receipts });
    expect(seen[0]?.request.headers["content-type"]).toBe("application/cbor");
    expect(decodeBinary(seen[0]?.body ?? new Uint8Array())).toEqual(submission);
  });

  it("puts a blob under its digest", async () => {
    const bytes = new TextEncoder().encode("output");
    await client.putBlob(await sha256(bytes), bytes, NEVER);
    expect(seen[0]?.request.method).toBe("PUT");
    expect(seen[0]?.request.url).toBe(`/blobs/${createHash("sha256").update(bytes).digest("hex")}`);
    expect(seen[0]?.body.toString()).toBe("output");
  });

  it("reads its own ban out of what the edge knows about it", async () => {
    const ban = {
      reason: "operator",
      detail: "",
      since: "2026-01-01T00:00:00Z",
      until: null,
      appeal_until: "2026-01-04T00:00:00Z",
      appealed: false,
    };
    answers = [json(200, { id: identity.id, ban, added_later: true }), json(200, { ban: null })];
    expect(await client.getBan(NEVER)).toEqual(ban);
    expect(await client.getBan(NEVER)).toBeNull();
    expect(seen[0]?.request.url).toBe(`/providers/${identity.id}`);
  });

  it("hands an objection in once", async () => {
    answers = [problem(503, "unavailable")];
    await expect(client.appeal({ detail: "a cosmic ray" }, NEVER)).rejects.toMatchObject({ status: 503 });
    await expect(client.appeal({ detail: "a cosmic ray" }, NEVER)).resolves.toBeUndefined();
    expect(seen).toHaveLength(2);
    expect(JSON.parse(seen[0]?.body.toString() ?? "")).toEqual({ detail: "a cosmic ray" });
  });

  it("reads earnings and payouts a page at a time, with the query in the signature", async () => {
    const sums = {
      unit: "credit",
      held_micro: "0",
      payable_micro: "9007199254740991",
      ordered_micro: "0",
      paid_micro: "0",
      taken_back_micro: "0",
    };
    const earnings = { sums: [sums], data: [], next_cursor: "a+b/c=" };
    answers = [json(200, earnings), json(200, { data: [], next_cursor: null })];
    await expect(client.getEarnings({ limit: 20 }, NEVER)).resolves.toEqual(earnings);
    await expect(client.listPayouts({ limit: 5, cursor: "a+b/c=" }, NEVER)).resolves.toMatchObject({
      data: [],
    });
    expect(seen.map(({ request }) => request.url)).toEqual([
      "/providers/me/earnings?limit=20",
      "/providers/me/payouts?limit=5&cursor=a%2Bb%2Fc%3D",
    ]);
    for (const { request } of seen) await verify(request, SIGNATURE.components_without_body);
  });

  it("asks again for earnings that the edge is too busy for, and not when it is away", async () => {
    answers = [problem(429, "rate_limited"), json(200, { sums: [], data: [], next_cursor: null })];
    await expect(client.getEarnings({ limit: 1 }, NEVER)).resolves.toMatchObject({ sums: [] });
    await stop();
    await expect(client.getEarnings({ limit: 1 }, NEVER)).rejects.toThrow(/does not answer/);
  });

  it("orders a payout once, in a signed body", async () => {
    answers = [problem(503, "unavailable"), json(202, { data: [] })];
    await expect(client.withdraw(NEVER)).rejects.toMatchObject({ status: 503 });
    await expect(client.withdraw(NEVER)).resolves.toEqual([]);
    expect(seen).toHaveLength(2);
    expect(seen[1]?.request.method).toBe("POST");
    expect(seen[1]?.request.url).toBe("/providers/me/payouts");
    await verify((seen as [Seen, Seen])[1].request, SIGNATURE.components_with_body);
  });

  it("takes a manifest only under its own digest", async () => {
    const spec = { name: "x", datatype: "FP32", shape: [null, 1] };
    const file = { path: "model.onnx", sha256: "0".repeat(64), bytes: 1 };
    const manifest = ModelManifest.parse({
      engine: "onnx",
      entry: "model.onnx",
      files: [file],
      inputs: [spec],
      outputs: [spec],
    });
    const digest = await manifestDigest(manifest);
    const model = { digest, names: [], manifest, created_at: "2026-01-01T00:00:00Z" };
    answers = [json(200, model), json(200, { ...model, manifest: { ...manifest, row_cost_us: 2 } })];
    await expect(client.getManifest(digest, NEVER)).resolves.toEqual(manifest);
    await expect(client.getManifest(digest, NEVER)).rejects.toThrow(/the manifest has the digest/);
  });
});

describe("Retry-After", () => {
  it("is seconds or a date", () => {
    expect(parseRetryAfter("3", 0)).toBe(3_000);
    expect(parseRetryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 4_000)).toBe(6_000);
    expect(parseRetryAfter("soon", 0)).toBeNull();
    expect(parseRetryAfter(null, 0)).toBeNull();
  });
});
