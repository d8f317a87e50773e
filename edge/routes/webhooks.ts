import { createRoute } from "@hono/zod-openapi";
import { formatDeliveryId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import {
  type WebhookEvent,
  WebhookKey,
  WebhookTestReport,
  WebhookTestRequest,
} from "@infernet/schemas/webhook";
import { uuidv7 } from "uuidv7";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { assertWebhookTarget } from "../webhooks/assert-webhook-target.ts";
import { attemptWebhook } from "../webhooks/attempt-webhook.ts";
import { loadSigningKey } from "../webhooks/webhook-key.ts";

export const webhooks = createRouter();

const key = createRoute({
  method: "get",
  path: "/webhooks/key",
  tags: ["Webhooks"],
  summary: "The public key that verifies webhooks",
  description:
    "Webhooks follow Standard Webhooks 1.0 with its scheme v1a: Ed25519 over `webhook-id.webhook-timestamp.body`.",
  responses: {
    200: { description: "The key", content: { "application/json": { schema: WebhookKey } } },
    ...problemAnswers("unavailable"),
  },
});

webhooks.openapi(key, async (c) => {
  const { public_key } = await loadSigningKey(c.env);
  c.header("Cache-Control", "public, max-age=300");
  return c.json({ public_key, scheme: "v1a" as const }, 200);
});

const test = createRoute({
  method: "post",
  path: "/webhooks/test",
  tags: ["Webhooks"],
  summary: "Send a test event now",
  description: "Tells how the receiver answered. A 2xx answer enables an address that had answered 410 Gone.",
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max)],
  request: { body: { required: true, content: { "application/json": { schema: WebhookTestRequest } } } },
  responses: {
    200: { description: "What happened", content: { "application/json": { schema: WebhookTestReport } } },
    ...problemAnswers("authentication_missing", "request_invalid", "webhook_refused", "unavailable"),
  },
});

webhooks.openapi(test, async (c) => {
  const { url } = c.req.valid("json");
  const { id: account, disabled_webhooks } = c.get("account");
  assertWebhookTarget(url, c.env);
  await loadSigningKey(c.env);
  const now_ms = Date.now();
  const id = formatDeliveryId(uuidv7());
  const { outcome, attempt } = await attemptWebhook(
    c.env,
    { id, url, body: JSON.stringify(testEvent(now_ms)) },
    now_ms,
  );
  const delivered = outcome === "delivered";
  const disabled = disabled_webhooks.includes(url);
  if (delivered && disabled) await c.env.ACCOUNT.getByName(account).enableWebhook(url);
  return c.json({ id, url, delivered, enabled: delivered || !disabled, attempt }, 200);
});

const testEvent = (now_ms: number): WebhookEvent => ({
  type: "webhook.test",
  timestamp: renderInstant(now_ms),
  data: {
    job_id: null,
    state: "test",
    job_url: null,
    result_url: null,
    result_sha256: null,
    receipt_url: null,
    revoked: null,
    metadata: {},
  },
});
