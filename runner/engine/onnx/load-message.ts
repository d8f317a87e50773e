import { TensorSpec } from "@infernet/schemas/tensor";
import { z } from "zod";

/** Where a model is computed. */
export const Provider = z.enum(["cpu", "webgpu", "cuda"]);
export type Provider = z.infer<typeof Provider>;

/** How far ONNX Runtime rewrites a graph before it runs it. */
export const GraphOptimization = z.enum(["disabled", "basic", "extended", "all"]);
export type GraphOptimization = z.infer<typeof GraphOptimization>;

/** What the child of the ONNX engine needs to make a model ready. */
export const LoadMessage = z.object({
  /** Absolute path of the model's entry file. */
  file: z.string(),
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  batch_rows_max: z.int().min(1).nullable(),
  threads: z.int().min(1),
  provider: Provider.default("cpu"),
  graph_optimization: GraphOptimization.default("all"),
});
export type LoadMessage = z.infer<typeof LoadMessage>;
