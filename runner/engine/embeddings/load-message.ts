import { EmbeddingsSettings } from "@infernet/schemas/llm/llm-settings";
import { TensorSpec } from "@infernet/schemas/tensor";
import { z } from "zod";
import { Provider } from "../onnx/load-message.ts";

/** What the child of the engine `embeddings` needs to make a model ready. */
export const LoadMessage = z.object({
  /** The folder of the model's files. */
  dir: z.string(),
  /** Path of the ONNX file in it. */
  entry: z.string(),
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  settings: EmbeddingsSettings,
  batch_rows_max: z.int().min(1).nullable(),
  threads: z.int().min(1),
  provider: Provider.default("cpu"),
});
export type LoadMessage = z.infer<typeof LoadMessage>;
