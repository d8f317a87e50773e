import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Problem } from "@infernet/schemas/problem";
import { WebhookEvent, WebhookKey, WebhookTestReport } from "@infernet/schemas/webhook";
import { afterEach, expect, test, vi } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";
import { createTestAccount } from "../testing/test-account.ts";

afterEach(reset);
afterEach(() => vi.restoreAllMocks());

const url = "https://example.com/hook";

test("everybody reads the key that verifies webhooks", async () => {
  const answer = await callEdge("/webhooks/key");
  expect(WebhookKey.parse(await answer.json()).scheme).toBe("v1a");
});

test("a deployment that cannot sign says so", async () => {
  const answer = await callEdge("/webhooks/key", {}, { WEBHOOK_PRIVATE_KEY: "short" });
  expect(answer.status).toBe(503);
  expect(Problem.parse(await answer.json()).detail).toContain("WEBHOOK_PRIVATE_KEY is not 32 bytes");
});

test("a test event is sent now and its answer reported", async () => {
  const account = await createTestAccount();
  const bodies: unknown[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    bodies.push(await new Request(input, { ...init, signal: null }).json());
    return new Response(null, { status: 500 });
  });
  const report = WebhookTestReport.parse(
    await (await callEdge("/webhooks/test", json({ url }, account.headers))).json(),
  );
  expect(report).toMatchObject({ delivered: false, enabled: true, attempt: { status: 500 } });
  expect(WebhookEvent.parse(bodies[0]).type).toBe("webhook.test");
});

test("an address that was gone gets webhooks again once it answers 2xx", async () => {
  const account = await createTestAccount();
  await env.ACCOUNT.getByName(account.id).disableWebhook(url);
  const answers = [new Response(null, { status: 410 }), new Response()];
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => answers.shift() ?? new Response());
  const attempt = async () =>
    WebhookTestReport.parse(await (await callEdge("/webhooks/test", json({ url }, account.headers))).json());
  expect(await attempt()).toMatchObject({ delivered: false, enabled: false });
  expect(await attempt()).toMatchObject({ delivered: true, enabled: true });
});

test("a private address is refused before anything is sent", async () => {
  const account = await createTestAccount();
  const answer = await callEdge("/webhooks/test", json({ url: "https://10.0.0.1/" }, account.headers));
  expect(Problem.parse(await answer.json()).code).toBe("webhook_refused");
});
