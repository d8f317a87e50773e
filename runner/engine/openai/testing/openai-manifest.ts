import { GENERATION_INPUT, GENERATION_OUTPUT } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { ModelManifest } from "@infernet/schemas/model";

/** The manifest of a model that a server has under this name. */
export const openaiManifest = (model: string, context_tokens = 512): ModelManifest =>
  ModelManifest.parse({
    engine: "openai",
    files: [],
    inputs: [{ ...GENERATION_INPUT, shape: [null] }],
    outputs: [{ ...GENERATION_OUTPUT, shape: [null] }],
    row_cost_us: 100_000,
    llm: { context_tokens, parameters: "1000000", quantization: "q4_k_m", features: ["logprobs"] },
    openai: { model },
  });

/** A request for the completion of a chat of one message, and what a test changes of it. */
export const chatRequest = (change: object = {}, sampling: object = {}): GenerationRequest =>
  GenerationRequest.parse({
    prompt: { kind: "chat", messages: [{ role: "user", content: "Hello" }] },
    sampling: { temperature: 0, seed: 7, tokens_max: 16, ...sampling },
    ...change,
  });

/** One that no server is asked: it names an address that the server would fetch something from. */
export const imageRequest = chatRequest({
  prompt: {
    kind: "chat",
    messages: [
      { role: "user", content: [{ type: "image_url", image_url: { url: "http://127.0.0.1/private.png" } }] },
    ],
  },
});
