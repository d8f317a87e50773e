import { InfernetError } from "@infernet/schemas/errors";
import { type Engine, type Model, ModelRef } from "@infernet/schemas/model";
import { resolveModel } from "../catalog/resolve-model.ts";
import { closestName } from "../http/closest-name.ts";
import { listServedModels } from "./served-models.ts";

const TASKS: Partial<Record<Engine, string>> = {
  llm: "generates text",
  openai: "generates text",
  embeddings: "embeds text",
};

/**
 * The model that a request names, for one of these engines.
 *
 * @throws InfernetError `model_unknown`, with the name that was probably meant
 */
export async function findModel(env: Env, name: string, engines: readonly Engine[]): Promise<Model> {
  const model = await lookUp(env, name);
  if (engines.includes(model.manifest.engine)) return model;
  const { engine } = model.manifest;
  const does = TASKS[engine] ?? `is of the engine ${engine}, and runs by POST /jobs`;
  throw new InfernetError(
    "model_unknown",
    `The model ${JSON.stringify(name)} ${does}: this route is not for it.`,
  );
}

async function lookUp(env: Env, name: string): Promise<Model> {
  const ref = ModelRef.safeParse(name);
  if (ref.success) return resolveModel(env, ref.data);
  const names = (await listServedModels(env)).flatMap((model) => model.names);
  // What others put before a name, as in `meta-llama/Llama-3`, is no part of names here.
  const meant = closestName(name.slice(name.lastIndexOf("/") + 1), names);
  const advice = meant ? ` Did you mean ${JSON.stringify(meant)}?` : "";
  throw new InfernetError("model_unknown", `There is no model ${JSON.stringify(name)}.${advice}`);
}
