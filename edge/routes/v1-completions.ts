import { createRoute, z } from "@hono/zod-openapi";
import { ChatCompletion, renderChatCompletion } from "../v1/chat-completion.ts";
import { ChatRequest } from "../v1/chat-request.ts";
import { ChatStream } from "../v1/chat-stream.ts";
import { CompletionRequest } from "../v1/completion-request.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { findModel } from "../v1/find-model.ts";
import { JOB_FAILURES, JobHeaders, jobRoute } from "../v1/job-route.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";
import { parseChat } from "../v1/parse-chat.ts";
import { parseCompletion } from "../v1/parse-completion.ts";
import { serveRows } from "../v1/serve-rows.ts";
import { renderTextCompletion, TextCompletion } from "../v1/text-completion.ts";
import { TextStream } from "../v1/text-stream.ts";

export const v1Completions = createV1Router();

const GENERATING = ["llm", "openai"] as const;
const STREAMED = { "text/event-stream": { schema: z.string() } };

const headers = JobHeaders.extend({
  "last-event-id": z.string().optional().meta({
    description: "Of a stream that is asked for again with its Idempotency-Key: goes on from there",
  }),
});

const failures = openaiAnswers(...JOB_FAILURES, "context_too_long", "generation_failed");

const chat = createRoute({
  ...jobRoute,
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
  ...jobRoute,
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
