import { FailureCode } from "@infernet/schemas/runner";
import { Datatype, Shape, Tensor, TensorName, TensorSpec } from "@infernet/schemas/tensor";
import { z } from "zod";

/** Where a model is computed. */
export const Provider = z.enum(["cpu", "webgpu"]);
export type Provider = z.infer<typeof Provider>;

/** How far ONNX Runtime rewrites a graph before it runs it. */
export const GraphOptimization = z.enum(["disabled", "basic", "extended", "all"]);
export type GraphOptimization = z.infer<typeof GraphOptimization>;

/** What the runner tells the process that holds a model, over the structured-clone IPC of `child_process`. */
export const ToChild = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("load"),
    /** Absolute path of the model's entry file. */
    file: z.string(),
    inputs: z.array(TensorSpec),
    outputs: z.array(TensorSpec),
    batch_rows_max: z.int().min(1).nullable(),
    threads: z.int().min(1),
    provider: Provider.default("cpu"),
    graph_optimization: GraphOptimization.default("all"),
  }),
  z.object({ kind: z.literal("run"), run: z.int(), rows: z.int().min(1), inputs: z.array(Tensor) }),
  z.object({ kind: z.literal("cancel"), run: z.int() }),
]);
export type ToChild = z.infer<typeof ToChild>;
export type LoadMessage = Extract<ToChild, { kind: "load" }>;
export type RunMessage = Extract<ToChild, { kind: "run" }>;

const Output = z.object({
  name: TensorName,
  datatype: Datatype,
  shape: Shape,
  data: z.instanceof(Uint8Array<ArrayBuffer>),
});

/** What it answers. `run` null concerns the model as a whole. */
export const FromChild = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), version: z.string() }),
  z.object({ kind: z.literal("loaded"), precision: z.string() }),
  z.object({ kind: z.literal("done"), run: z.int(), outputs: z.array(Output), compute_ms: z.number() }),
  z.object({ kind: z.literal("canceled"), run: z.int() }),
  z.object({ kind: z.literal("failed"), run: z.int().nullable(), code: FailureCode, detail: z.string() }),
]);
export type FromChild = z.infer<typeof FromChild>;
