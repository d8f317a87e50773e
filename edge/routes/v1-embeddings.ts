import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "@infernet/schemas/limits";
import { EmbeddingsRequest } from "../embeddings/embeddings-request.ts";
import { EmbeddingsList } from "../embeddings/render-embeddings.ts";
import { serveEmbeddings } from "../embeddings/serve-embeddings.ts";
import { limitBody } from "../http/limit-body.ts";
import { requireAccount } from "../http/require-account.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { findModel } from "../v1/find-model.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";
import { requireJson } from "../v1/require-json.ts";

export const v1Embeddings = createV1Router();

const embed = createRoute({
  method: "post",
  path: "/v1/embeddings",
  tags: ["OpenAI"],
  summary: "Embed texts",
  description:
    "Beneath it is a job of one row for each text, and the answer waits until its checks are over. " +
    "The header Infernet-Job names it. Tokens in place of texts are not taken.",
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max), requireJson],
  request: {
    headers: z.object({
      "idempotency-key": z.string().optional().meta({
        description: "Makes the request safe to repeat for 24 hours: it gets the first one's answer",
      }),
    }),
    body: { required: true, content: { "application/json": { schema: EmbeddingsRequest } } },
  },
  responses: {
    200: {
      description: "A vector for each text, in order",
      content: { "application/json": { schema: EmbeddingsList } },
    },
    ...openaiAnswers(
      "request_malformed",
      "request_invalid",
      "parameter_unsupported",
      "authentication_missing",
      "offer_too_low",
      "model_unknown",
      "idempotency_in_flight",
      "body_too_large",
      "unsupported_media_type",
      "rate_limited",
      "funds_insufficient",
      "no_machine_fits",
      "shard_failed",
      "answer_late",
    ),
  },
});

v1Embeddings.openapi(embed, async (c) => {
  const request = c.req.valid("json");
  const model = await findModel(c.env, request.model, ["embeddings"]);
  return c.json(await serveEmbeddings(c, request, model), 200);
});
