import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createRoute, z } from "@hono/zod-openapi";
import { encodeBinary } from "@infernet/schemas/binary";
import { NetworkId } from "@infernet/schemas/commitment";
import { LIMITS } from "@infernet/schemas/limits";
import { Problem } from "@infernet/schemas/problem";
import { PollRequest } from "@infernet/schemas/runner";
import { signatureTagFor } from "@infernet/schemas/signature";
import { afterEach, describe, expect, test, vi } from "vitest";
import { app } from "../app.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { createTestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";
import { createRouter } from "./create-router.ts";
import { applyRateLimit } from "./rate-limit-headers.ts";
import { readBinary } from "./read-binary.ts";
import { requireAccount } from "./require-account.ts";
import { requireAccountOrRunner } from "./require-account-or-runner.ts";
import { requireRunner } from "./require-runner.ts";

const probe = createRouter();
probe.get("/probe/account", requireAccount, (c) => c.json(c.var.account));
probe.get("/probe/either", requireAccountOrRunner, (c) =>
  c.json({ account: c.var.account?.id, runner: c.var.runner }),
);
probe.post("/probe/runner", requireRunner, async (c) =>
  c.json({ runner: c.var.runner, body: await readBinary(c, PollRequest) }),
);
probe.get("/probe/runner", requireRunner, (c) => c.json({ runner: c.var.runner }));
probe.get("/probe/exhausted", (c) => {
  applyRateLimit(c, "account", {
    bucket: { tokens: 0, at_ms: 0 },
    allowed: false,
    remaining: 0,
    reset_seconds: 7,
  });
  return c.text("not reached");
});
probe.get("/probe/broken", () => {
  throw new Error("the password is hunter2");
});
probe.openapi(
  createRoute({
    method: "post",
    path: "/probe/json",
    request: {
      body: {
        required: true,
        content: {
          "application/json": {
            schema: z.strictObject({
              deadline: z.string().optional(),
              input: z.union([
                z.strictObject({ data: z.array(z.number()) }),
                z.strictObject({ blob: z.string() }),
              ]),
            }),
          },
        },
      },
    },
    responses: { 200: { description: "ok" } },
  }),
  (c) => c.text("ok"),
);
app.route("/", probe);

afterEach(reset);

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = Problem.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  expect(answer.headers.get("X-Request-Id")).toBe(problem.request_id);
  return problem;
}

describe("every answer", () => {
  test("names its request, also when it succeeds", async () => {
    const account = await createTestAccount();
    const answer = await callEdge("/probe/account", { headers: account.headers });
    expect(answer.headers.get("X-Request-Id")).toMatch(/^req_[0-9a-f]{32}$/);
  });

  test("to an unknown path is a problem document", async () => {
    expect(await problemOf(await callEdge("/nowhere"))).toMatchObject({
      code: "not_found",
      type: "/errors/not_found",
    });
  });

  test("to a method that the path does not take names those that it takes", async () => {
    const answer = await callEdge("/accounts", { method: "DELETE" });
    expect(answer.headers.get("Allow")).toContain("POST");
    expect((await problemOf(answer)).code).toBe("method_not_allowed");
  });

  test("to an unforeseen failure hides the reason and logs it under the request's id", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const problem = await problemOf(await callEdge("/probe/broken"));
    expect(problem.code).toBe("internal");
    expect(JSON.stringify(problem)).not.toContain("hunter2");
    expect(String(log.mock.calls[0]?.[0])).toContain(String(problem.request_id));
    expect(String(log.mock.calls[0]?.[0])).toContain("hunter2");
    log.mockRestore();
  });
});

describe("a JSON body", () => {
  test("that is not JSON is malformed", async () => {
    const answer = await callEdge("/probe/json", { ...json({}), body: "{" });
    expect((await problemOf(answer)).code).toBe("request_malformed");
  });

  test("with a misspelt member gets the name that was meant", async () => {
    const problem = await problemOf(
      await callEdge("/probe/json", json({ input: { data: [1] }, deadlin: "x" })),
    );
    expect(problem).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: "/deadlin", detail: '"deadlin" is not a known member; did you mean "deadline"?' }],
    });
  });

  test("with a wrong value inside a union is pointed into", async () => {
    const problem = await problemOf(await callEdge("/probe/json", json({ input: { data: [1, "two"] } })));
    expect(problem.errors?.[0]?.pointer).toBe("/input/data/1");
  });

  test("of another media type is refused", async () => {
    const answer = await callEdge("/probe/json", {
      method: "POST",
      body: "x",
      headers: { "Content-Type": "text/plain" },
    });
    expect((await problemOf(answer)).code).toBe("unsupported_media_type");
  });

  test("over the limit is refused by its Content-Length", async () => {
    const headers = { ...OPERATOR, "Content-Length": String(LIMITS.json_body_bytes_max + 1) };
    expect((await problemOf(await callEdge("/accounts", json({ name: "x" }, headers)))).code).toBe(
      "body_too_large",
    );
  });

  test("over the limit is refused while it streams in", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const answer = await callEdge("/accounts", {
      method: "POST",
      body,
      headers: { ...OPERATOR, "Content-Type": "application/json" },
    });
    expect((await problemOf(answer)).code).toBe("body_too_large");
    expect(sent).toBeLessThan(12);
  });
});

describe("an account's key", () => {
  test("opens what needs an account and tells the rate limit", async () => {
    const account = await createTestAccount("Acme");
    const answer = await callEdge("/probe/account", { headers: account.headers });
    expect(await answer.json()).toEqual({ id: account.id, name: "Acme", disabled_webhooks: [] });
    expect(answer.headers.get("RateLimit-Policy")).toBe(
      `"account";q=${LIMITS.requests_per_minute_account};w=60`,
    );
    expect(answer.headers.get("RateLimit")).toMatch(/^"account";r=\d+;t=\d+$/);
  });

  test("that has used up its rate is told when to come back", async () => {
    const answer = await callEdge("/probe/exhausted");
    expect(answer.status).toBe(429);
    expect(answer.headers.get("Retry-After")).toBe("7");
    expect(answer.headers.get("RateLimit")).toBe('"account";r=0;t=7');
    expect(await problemOf(answer)).toMatchObject({ code: "rate_limited", retryable: true });
  });

  test.each([
    ["missing", {}, "authentication_missing"],
    ["not a bearer token", { Authorization: "Basic eDp5" }, "authentication_missing"],
    ["not of the right form", { Authorization: "Bearer x" }, "authentication_failed"],
    [
      "of no account",
      { Authorization: `Bearer infk_${"0".repeat(32)}_${"a".repeat(43)}` },
      "authentication_failed",
    ],
  ])("%s is a 401 with a challenge", async (_, headers, code) => {
    const answer = await callEdge("/probe/account", { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect((await problemOf(answer)).code).toBe(code);
  });

  test("with another secret of the same account is refused", async () => {
    const account = await createTestAccount();
    const forged = account.api_key.slice(0, 38) + "A".repeat(43);
    const answer = await callEdge("/probe/account", { headers: { Authorization: `Bearer ${forged}` } });
    expect(answer.status).toBe(401);
  });
});

describe("a runner's signature", () => {
  const poll = { leases_max: 1, wait_ms: 0 };
  const signedPoll = {
    method: "POST",
    headers: { "Content-Type": "application/cbor" },
    body: encodeBinary(poll),
  };

  test("opens runner routes, and the body is still there to be read", async () => {
    const runner = await createTestRunner();
    const answer = await runner.call("/probe/runner", signedPoll);
    expect(await answer.json()).toEqual({ runner: runner.id, body: poll });
    expect(answer.headers.get("RateLimit-Policy")).toContain('"runner"');
  });

  test("covers requests without a body", async () => {
    const runner = await createTestRunner();
    expect((await runner.call("/probe/runner?x=1")).status).toBe(200);
    expect(await (await runner.call("/probe/either")).json()).toEqual({ runner: runner.id });
  });

  test.each([
    ["made too long ago", { created_ms: Date.now() - LIMITS.signature_age_ms_max - 2_000 }],
    ["made in the future", { created_ms: Date.now() + LIMITS.signature_age_ms_max + 2_000 }],
    ["made for something else", { tag: "web-bot-auth" }],
    ["by a key that is not an id", { keyid: "run_nobody" }],
    ["by another runner's key", { keyid: `run_${"a".repeat(52)}` }],
  ])("%s is refused", async (_, options) => {
    const runner = await createTestRunner();
    const answer = await runner.call("/probe/runner", signedPoll, options);
    expect(answer.status).toBe(401);
    expect((await problemOf(answer)).code).toBe("signature_invalid");
  });

  test("may name the network that it is for, and is good at no other", async () => {
    const runner = await createTestRunner();
    const { id } = await loadNetworkKey(env);
    const named = { tag: signatureTagFor(id) };
    expect((await runner.call("/probe/runner", signedPoll, named)).status).toBe(200);
    const elsewhere = { tag: signatureTagFor(NetworkId.parse(`net_${"A".repeat(43)}`)) };
    const refused = await runner.call("/probe/runner", signedPoll, elsewhere);
    expect((await problemOf(refused)).code).toBe("signature_invalid");
  });

  test("does not stretch to another body, path or method", async () => {
    const runner = await createTestRunner();
    const headers = await runner.sign("/probe/runner", signedPoll);
    const otherBody = await callEdge("/probe/runner", {
      ...signedPoll,
      headers,
      body: encodeBinary({ ...poll, wait_ms: 1 }),
    });
    expect((await problemOf(otherBody)).code).toBe("signature_invalid");
    const otherPath = await callEdge("/probe/runner?wait=1", { ...signedPoll, headers });
    expect((await problemOf(otherPath)).code).toBe("signature_invalid");
    const otherMethod = await callEdge("/probe/runner", { headers });
    expect((await problemOf(otherMethod)).code).toBe("signature_invalid");
  });

  test("missing is told from wrong", async () => {
    expect((await problemOf(await callEdge("/probe/runner", signedPoll))).code).toBe("signature_missing");
  });

  test("does not save a body that is not CBOR, or not the schema's", async () => {
    const runner = await createTestRunner();
    const garbage = await runner.call("/probe/runner", { ...signedPoll, body: new Uint8Array([0xff, 1, 2]) });
    expect((await problemOf(garbage)).code).toBe("request_malformed");
    const wrong = await runner.call("/probe/runner", {
      ...signedPoll,
      body: encodeBinary({ ...poll, wait_ms: -1 }),
    });
    expect((await problemOf(wrong)).errors?.[0]?.pointer).toBe("/wait_ms");
  });
});
