import type { ModelManifest } from "@infernet/schemas/model";
import type { GenerationEngine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import type { ModelServer } from "./model-server.ts";
import { createOpenaiSession, PATIENCE, type Patience } from "./openai-session.ts";

/** Generates with the models of one server that speaks OpenAI's API. */
export function createOpenaiEngine(server: ModelServer, patience: Patience = PATIENCE): GenerationEngine {
  return {
    get offer() {
      return server.offer;
    },
    onOffersChanged: (listener) => server.watch(listener),
    loadGenerator: async (manifest) => createOpenaiSession({ server, patience, ...settingsOf(manifest) }),
  };
}

function settingsOf({ openai, llm }: ModelManifest) {
  if (openai === undefined || llm === undefined)
    throw new EngineFailure("model_unloadable", "the manifest names no model of a server");
  const { context_tokens, quantization } = llm;
  return { model: openai.model, context_tokens, quantization };
}
