import { createRoute, z } from "@hono/zod-openapi";
import { Batch, BatchRequest } from "@infernet/schemas/batch";
import { BatchId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { OpenaiPageQuery, openaiPageOf } from "@infernet/schemas/openai-page";
import { limitBody } from "../http/limit-body.ts";
import { originOf } from "../http/origin.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";
import { requireJson } from "../v1/require-json.ts";

export const v1Batches = createV1Router();

const common = { tags: ["OpenAI"], security: [{ account: [] }], middleware: [requireAccount] };
const params = z.object({ id: BatchId });
const content = { "application/json": { schema: Batch } };

const create = createRoute({
  ...common,
  method: "post",
  path: "/v1/batches",
  summary: "Answer a file of requests within a day",
  description:
    "Lines of one model become rows of one job, which is paid and checked like any other. Lines that no job can be made of, " +
    "and rows that could not be answered, are in the error file. " +
    `A batch has at most ${LIMITS.batch_lines_max} lines.`,
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max), requireJson],
  request: { body: { required: true, content: { "application/json": { schema: BatchRequest } } } },
  responses: {
    200: { description: "The batch", content },
    ...openaiAnswers(
      "authentication_missing",
      "request_malformed",
      "request_invalid",
      "not_found",
      "too_many_batches",
      "rate_limited",
    ),
  },
});

v1Batches.openapi(create, async (c) => {
  const account = c.env.ACCOUNT.getByName(c.get("account").id);
  return c.json(unwrap(await account.createBatch(c.req.valid("json"), originOf(c))), 200);
});

const list = createRoute({
  ...common,
  method: "get",
  path: "/v1/batches",
  summary: "List batches, newest first",
  request: { query: OpenaiPageQuery },
  responses: {
    200: {
      description: "A page of batches",
      content: { "application/json": { schema: openaiPageOf(Batch) } },
    },
    ...openaiAnswers("authentication_missing", "request_invalid", "rate_limited"),
  },
});

v1Batches.openapi(list, async (c) => {
  const account = c.env.ACCOUNT.getByName(c.get("account").id);
  return c.json(await account.batches(c.req.valid("query")), 200);
});

const answers = {
  200: { description: "The batch", content },
  ...openaiAnswers("authentication_missing", "not_found", "rate_limited"),
};

const read = createRoute({
  ...common,
  method: "get",
  path: "/v1/batches/{id}",
  summary: "Read a batch",
  request: { params },
  responses: answers,
});

v1Batches.openapi(read, async (c) => {
  const { id } = c.req.valid("param");
  return c.json(unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).batch(id)), 200);
});

const cancel = createRoute({
  ...common,
  method: "post",
  path: "/v1/batches/{id}/cancel",
  summary: "Cancel a batch",
  description:
    "Its jobs are canceled; what was answered by then is in its files. Repeating it changes nothing.",
  request: { params },
  responses: { ...answers, ...openaiAnswers("authentication_missing", "not_found", "batch_over") },
});

v1Batches.openapi(cancel, async (c) => {
  const { id } = c.req.valid("param");
  return c.json(unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).cancelBatch(id)), 200);
});
