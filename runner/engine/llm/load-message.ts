import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { Provider } from "../onnx/load-message.ts";

/** What the child of the engine `llm` needs to make a model ready. */
export const LoadMessage = z.object({
  /** The folder of the model's files. */
  dir: z.string(),
  /** Path of the ONNX file in it. */
  entry: z.string(),
  /** Tokens of prompt and completion together. */
  context_tokens: z.int().min(1).max(LIMITS.context_tokens_max),
  /** Bytes that keys and values of the completions at work may take, and as many again those of earlier ones. */
  cache_bytes_max: z.int().min(1),
  threads: z.int().min(1),
  provider: Provider.default("cpu"),
});
export type LoadMessage = z.infer<typeof LoadMessage>;
