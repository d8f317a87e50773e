import { createRoute, z } from "@hono/zod-openapi";
import { DeliveryId, JobId } from "@infernet/schemas/ids";
import { pageOf } from "@infernet/schemas/page";
import { Delivery } from "@infernet/schemas/webhook";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobDeliveries = createRouter();

const list = createRoute({
  method: "get",
  path: "/jobs/{id}/deliveries",
  tags: ["Webhooks"],
  summary: "See what became of a job's webhooks",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params: z.object({ id: JobId }) },
  responses: {
    200: {
      description: "Every delivery with its attempts",
      content: { "application/json": { schema: pageOf(Delivery) } },
    },
    ...problemAnswers("authentication_missing", "not_found"),
  },
});

jobDeliveries.openapi(list, async (c) => {
  const { id } = c.req.valid("param");
  const data = unwrap(await aggregatorOf(c.env, id).deliveries(c.get("account").id, id));
  return c.json({ data, next_cursor: null }, 200);
});

const replay = createRoute({
  method: "post",
  path: "/jobs/{id}/deliveries/{delivery}/replay",
  tags: ["Webhooks"],
  summary: "Send a webhook again",
  description: "One attempt now, with the same webhook-id and body as before.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params: z.object({ id: JobId, delivery: DeliveryId }) },
  responses: {
    200: {
      description: "The delivery with the new attempt",
      content: { "application/json": { schema: Delivery } },
    },
    ...problemAnswers("authentication_missing", "not_found"),
  },
});

jobDeliveries.openapi(replay, async (c) => {
  const { id, delivery } = c.req.valid("param");
  const aggregator = aggregatorOf(c.env, id);
  return c.json(unwrap(await aggregator.replay(c.get("account").id, id, delivery)), 200);
});
