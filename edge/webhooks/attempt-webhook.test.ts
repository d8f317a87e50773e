import { env } from "cloudflare:workers";
import { LIMITS } from "@infernet/schemas/limits";
import { base64 } from "@scure/base";
import { afterEach, expect, test, vi } from "vitest";
import { type AttemptReport, attemptWebhook } from "./attempt-webhook.ts";
import { loadSigningKey } from "./webhook-key.ts";

/** RFC 8032 section 7.1, test 1. */
const SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC_KEY = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const NOW_MS = 1_700_000_000_123;

const signing: Env = { ...env, WEBHOOK_PRIVATE_KEY: SEED };
const message = { id: "dlv_1", url: "https://example.com/hook", body: '{"type":"job.succeeded"}' };

afterEach(() => vi.restoreAllMocks());

/** Stands in for the internet: what a receiver answers, and what it got. */
function receiver(answer: () => Response | Promise<Response>): Request[] {
  const received: Request[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    received.push(new Request(input, { ...init, signal: null }));
    return answer();
  });
  return received;
}

const attempt = (changes: Partial<typeof message> = {}): Promise<AttemptReport> =>
  attemptWebhook(signing, { ...message, ...changes }, NOW_MS);

test("the public key is the seed's", async () => {
  expect((await loadSigningKey(signing)).public_key).toBe(PUBLIC_KEY);
  expect((await loadSigningKey({ WEBHOOK_PRIVATE_KEY: `whsk_${SEED}` })).public_key).toBe(PUBLIC_KEY);
});

test("a receiver can verify the message with the public key alone", async () => {
  const [request] = await (async () => {
    const received = receiver(() => new Response("thanks", { status: 202 }));
    expect(await attempt()).toMatchObject({ outcome: "delivered", attempt: { status: 202, error: null } });
    return received;
  })();
  if (!request) throw new Error("nothing was sent");
  const id = request.headers.get("webhook-id");
  const timestamp = request.headers.get("webhook-timestamp");
  const [scheme, signature = ""] = request.headers.get("webhook-signature")?.split(",") ?? [];
  expect([id, timestamp, scheme]).toEqual(["dlv_1", "1700000000", "v1a"]);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${await request.text()}`);
  const raw = new Uint8Array(base64.decode(PUBLIC_KEY.slice("whpk_".length)));
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  expect(await crypto.subtle.verify("Ed25519", key, new Uint8Array(base64.decode(signature)), signed)).toBe(
    true,
  );
});

test.each([
  [200, "delivered"],
  [204, "delivered"],
  [410, "disabled"],
  [400, "retry"],
  [404, "retry"],
  [500, "retry"],
  [503, "retry"],
] as const)("an answer of %i means %s", async (status, outcome) => {
  receiver(() => new Response(null, { status }));
  expect(await attempt()).toMatchObject({ outcome, attempt: { status } });
});

test("a redirect is not followed, and the report says what to do", async () => {
  const received = receiver(
    () => new Response(null, { status: 301, headers: { Location: "https://10.0.0.1/" } }),
  );
  const report = await attempt();
  expect(report.outcome).toBe("retry");
  expect(report.attempt.error).toContain("Redirects are not followed");
  expect(received[0]?.redirect).toBe("manual");
  expect(received).toHaveLength(1);
});

test("the pause that a receiver asks for is passed on", async () => {
  receiver(() => new Response(null, { status: 503, headers: { "Retry-After": "120" } }));
  expect((await attempt()).retry_after_ms).toBe(120_000);
  const date = new Date(1_700_000_060_000).toUTCString();
  receiver(() => new Response(null, { status: 429, headers: { "Retry-After": date } }));
  expect((await attempt()).retry_after_ms).toBe(59_877);
});

test("a receiver that cannot be reached, or is silent, is tried again", async () => {
  receiver(() => Promise.reject(new TypeError("connection refused")));
  expect(await attempt()).toMatchObject({
    outcome: "retry",
    attempt: { status: null, error: "connection refused" },
  });
  receiver(() => Promise.reject(new DOMException("aborted", "TimeoutError")));
  expect((await attempt()).attempt.error).toBe("No answer within 15 s.");
});

test("a private address and an oversized body are never sent", async () => {
  const received = receiver(() => new Response());
  expect((await attempt({ url: "https://169.254.169.254/" })).outcome).toBe("failed");
  expect((await attempt({ body: "x".repeat(LIMITS.webhook_payload_bytes_max + 1) })).outcome).toBe("failed");
  expect(received).toHaveLength(0);
});

test("without a signing key nothing is sent unsigned", async () => {
  const received = receiver(() => new Response());
  const report = await attemptWebhook({ ...env, WEBHOOK_PRIVATE_KEY: "" }, message, NOW_MS);
  expect(report).toMatchObject({
    outcome: "retry",
    attempt: { error: expect.stringContaining("WEBHOOK_PRIVATE_KEY") },
  });
  expect(received).toHaveLength(0);
});
