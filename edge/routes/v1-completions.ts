import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "@infernet/schemas/limits";
import { limitBody } from "../http/limit-body.ts";
import { requireAccount } from "../http/require-account.ts";
import { ChatCompletion, renderChatCompletion } from "../v1/chat-completion.ts";
import { ChatRequest } from "../v1/chat-request.ts";
import { ChatStream } from "../v1/chat-stream.ts";
import { CompletionRequest } from "../v1/completion-request.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { findModel } from "../v1/find-model.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";
import { parseChat } from "../v1/parse-chat.ts";
import { parseCompletion } from "../v1/parse-completion.ts";
import { requireJson } from "../v1/require-json.ts";
import { serveRows } from "../v1/serve-rows.ts";
import { renderTextCompletion, TextCompletion } from "../v1/text-completion.ts";
import { TextStream } from "../v1/text-stream.ts";

export const v1Completions = createV1Router();

const GENERATING = ["llm", "openai"] as const;
const STREAMED = { "text/event-stream": { schema: z.string() } };

const common = {
  method: "post" as const,
  tags: ["OpenAI"],
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max), requireJson],
};

const headers = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .meta({ description: "Makes the request safe to repeat for 24 hours: it gets the first one's answer" }),
  "last-event-id": z.string().optional().meta({
    description: "Of a stream that is asked for again with its Idempotency-Key: goes on from there",
  }),
});

const failures = openaiAnswers(
  "request_malformed",
  "request_invalid",
  "parameter_unsupported",
  "context_too_long",
  "authentication_missing",
  "offer_too_low",
  "model_unknown",
  "idempotency_in_flight",
  "body_too_large",
  "unsupported_media_type",
  "rate_limited",
  "funds_insufficient",
  "no_machine_fits",
  "generation_failed",
  "answer_late",
);

const chat = createRoute({
  ...common,
  path: "/v1/chat/completions",
  summary: "Complete a conversation",
  description:
    "As OpenAI's API has it, whole or streamed. Beneath it is a job of one row for each choice: `infernet` in the answer " +
    "names it, and so does the header Infernet-Job.",
  request: { headers, body: { required: true, content: { "application/json": { schema: ChatRequest } } } },
  responses: {
    200: {
      description: "The completion, or its chunks as server-sent events",
      content: { "application/json": { schema: ChatCompletion }, ...STREAMED },
    },
    ...failures,
  },
});

v1Completions.openapi(chat, async (c) => {
  const request = c.req.valid("json");
  const model = await findModel(c.env, request.model, GENERATING);
  return serveRows(c, request, model, {
    parse: (asked, { manifest }, anySeed) => parseChat(asked, manifest, anySeed),
    render: renderChatCompletion,
    stream: (head, answer, withUsage) => new ChatStream(head, answer, withUsage),
  });
});

const text = createRoute({
  ...common,
  path: "/v1/completions",
  summary: "Continue a text",
  description: "As OpenAI's API has it, whole or streamed, of one prompt or several.",
  request: {
    headers,
    body: { required: true, content: { "application/json": { schema: CompletionRequest } } },
  },
  responses: {
    200: {
      description: "The completions, or their chunks as server-sent events",
      content: { "application/json": { schema: TextCompletion }, ...STREAMED },
    },
    ...failures,
  },
});

v1Completions.openapi(text, async (c) => {
  const request = c.req.valid("json");
  const model = await findModel(c.env, request.model, GENERATING);
  return serveRows(c, request, model, {
    parse: (asked, { manifest }, anySeed) => parseCompletion(asked, manifest, anySeed),
    render: renderTextCompletion,
    stream: (head, answer, withUsage) => new TextStream(head, answer, withUsage),
  });
});
