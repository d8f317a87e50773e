import { createRoute } from "@hono/zod-openapi";
import { EmbeddingsRequest } from "../embeddings/embeddings-request.ts";
import { EmbeddingsList } from "../embeddings/render-embeddings.ts";
import { serveEmbeddings } from "../embeddings/serve-embeddings.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { findModel } from "../v1/find-model.ts";
import { JOB_FAILURES, JobHeaders, jobRoute } from "../v1/job-route.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";

export const v1Embeddings = createV1Router();

const embed = createRoute({
  ...jobRoute,
  path: "/v1/embeddings",
  summary: "Embed texts",
  description:
    "Beneath it is a job of one row for each text, and the answer waits until its checks are over. " +
    "The header Infernet-Job names it. Tokens in place of texts are not taken.",
  request: {
    headers: JobHeaders,
    body: { required: true, content: { "application/json": { schema: EmbeddingsRequest } } },
  },
  responses: {
    200: {
      description: "A vector for each text, in order",
      content: { "application/json": { schema: EmbeddingsList } },
    },
    ...openaiAnswers(...JOB_FAILURES, "shard_failed"),
  },
});

v1Embeddings.openapi(embed, async (c) => {
  const request = c.req.valid("json");
  const model = await findModel(c.env, request.model, ["embeddings"]);
  return c.json(await serveEmbeddings(c, request, model), 200);
});
