import { createRoute, z } from "@hono/zod-openapi";
import { BINARY_TYPE, encodeBinary } from "@infernet/schemas/binary";
import { InfernetError } from "@infernet/schemas/errors";
import { JobId } from "@infernet/schemas/ids";
import { type StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import { aggregatorOf, groupByAggregator } from "../aggregator/aggregator-of.ts";
import { RUNNER_HEADER } from "../aggregator/runner-channels.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { readBinary } from "../http/read-binary.ts";
import { requireRunner } from "../http/require-runner.ts";

export const runnerStream = createRouter();

const binary = { schema: { type: "string" as const, format: "binary" } };
const signed = { tags: ["Runners"], security: [{ runner: [] }], middleware: [requireRunner] };
const problems = problemAnswers("signature_missing", "signature_invalid", "request_invalid", "rate_limited");

const connect = createRoute({
  ...signed,
  method: "get",
  path: "/runner/stream",
  summary: "Open a WebSocket for tokens",
  description:
    "Carries StreamUp and StreamDown messages in CBOR for all jobs of the aggregator object that owns `job`. A new " +
    "connection of the same runner takes the place of the one before.",
  request: { query: z.object({ job: JobId }) },
  responses: {
    101: { description: "Switching to WebSocket" },
    ...problems,
    ...problemAnswers("header_invalid"),
  },
});

runnerStream.openapi(connect, async (c) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket")
    throw new InfernetError("header_invalid", "This route opens a WebSocket: it needs Upgrade: websocket.");
  const headers = { Upgrade: "websocket", [RUNNER_HEADER]: c.get("runner") };
  return aggregatorOf(c.env, c.req.valid("query").job).fetch("http://aggregator/stream", { headers });
});

const post = createRoute({
  ...signed,
  method: "post",
  path: "/runner/stream",
  summary: "Hand in tokens where no WebSocket gets through",
  description: "A StreamUp; what a repeat says again is passed over.",
  request: { body: { required: true, content: { [BINARY_TYPE]: binary } } },
  responses: {
    200: { description: "A StreamDown in CBOR", content: { [BINARY_TYPE]: binary } },
    ...problems,
  },
});

runnerStream.openapi(post, async (c) => {
  const { deltas } = await readBinary(c, StreamUp);
  const runner = c.get("runner");
  const answers = await Promise.all(
    groupByAggregator(c.env, deltas).map(([aggregator, own]) => aggregator.streamUp(runner, { deltas: own })),
  );
  const down: StreamDown = {
    kept: answers.flatMap(({ kept }) => kept),
    resend: answers.flatMap(({ resend }) => resend),
    ended: answers.flatMap(({ ended }) => ended),
  };
  return c.body(encodeBinary(down), 200, { "Content-Type": BINARY_TYPE });
});
