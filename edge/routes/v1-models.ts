import { createRoute, z } from "@hono/zod-openapi";
import type { Model } from "@infernet/schemas/model";
import { renderMicro } from "@infernet/schemas/money";
import { needOf } from "../aggregator/need-of.ts";
import { requireAccount } from "../http/require-account.ts";
import { readFleet } from "../jobs/read-fleet.ts";
import { readRates } from "../jobs/read-rates.ts";
import { createV1Router } from "../v1/create-v1-router.ts";
import { findModel } from "../v1/find-model.ts";
import { openaiAnswers } from "../v1/openai-answers.ts";
import { OpenaiModel, renderModel } from "../v1/render-model.ts";
import { listServedModels } from "../v1/served-models.ts";

export const v1Models = createV1Router();

const common = {
  tags: ["OpenAI"],
  security: [{ account: [] }],
  middleware: [requireAccount],
};

const list = createRoute({
  ...common,
  method: "get",
  path: "/v1/models",
  summary: "List models that generate or embed text",
  description: "By every name they have, or by their digest. GET /models lists the others too.",
  responses: {
    200: {
      description: "All of them, newest first",
      content: {
        "application/json": {
          schema: z.strictObject({ object: z.literal("list"), data: z.array(OpenaiModel) }),
        },
      },
    },
    ...openaiAnswers("authentication_missing", "rate_limited"),
  },
});

v1Models.openapi(list, async (c) => {
  const models = await listServedModels(c.env);
  const data = await Promise.all(
    models.map(async (model) => {
      const known = await readStanding(c.env, model);
      const ids = model.names.length === 0 ? [model.digest] : model.names;
      return ids.map((id) => renderModel(id, model, known));
    }),
  );
  return c.json({ object: "list" as const, data: data.flat() }, 200);
});

const read = createRoute({
  ...common,
  method: "get",
  path: "/v1/models/{id}",
  summary: "Read a model that generates or embeds text",
  request: { params: z.object({ id: z.string().max(256) }) },
  responses: {
    200: { description: "The model", content: { "application/json": { schema: OpenaiModel } } },
    ...openaiAnswers("authentication_missing", "model_unknown", "rate_limited"),
  },
});

v1Models.openapi(read, async (c) => {
  const { id } = c.req.valid("param");
  const model = await findModel(c.env, id, ["llm", "openai", "embeddings"]);
  return c.json(renderModel(id, model, await readStanding(c.env, model)), 200);
});

/** What the deployment asks for work, and who could do that of a model now. */
async function readStanding(
  env: Env,
  { manifest }: Model,
): Promise<{ micro_per_core_hour: bigint; runners_capable: number }> {
  const { micro_per_core_hour } = readRates(env);
  const paid = renderMicro(micro_per_core_hour);
  const need = needOf(
    { ...manifest, format: manifest.openai?.model, requirements: {}, micro_per_core_hour: paid },
    null,
  );
  return { micro_per_core_hour, runners_capable: (await readFleet(env, need)).runners_capable };
}
