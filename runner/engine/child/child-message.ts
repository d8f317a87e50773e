import { FailureCode } from "@infernet/schemas/runner";
import { Datatype, Shape, Tensor, TensorName } from "@infernet/schemas/tensor";
import { z } from "zod";

/** The first that every child is told. What it carries is the engine's own: its child parses it. */
export const LoadMessage = z.object({ kind: z.literal("load"), model: z.unknown() });
export type LoadMessage = z.infer<typeof LoadMessage>;

/** What the runner tells the process that holds a model, over the structured-clone IPC of `child_process`. */
export const ToChild = z.discriminatedUnion("kind", [
  LoadMessage,
  z.object({ kind: z.literal("run"), run: z.int(), rows: z.int().min(1), inputs: z.array(Tensor) }),
  z.object({ kind: z.literal("cancel"), run: z.int() }),
]);
export type ToChild = z.infer<typeof ToChild>;
export type RunMessage = Extract<ToChild, { kind: "run" }>;

const Output = z.object({
  name: TensorName,
  datatype: Datatype,
  shape: Shape,
  data: z.instanceof(Uint8Array<ArrayBuffer>),
});

/** The first that every child says: the version of its engine. */
export const Ready = z.object({ kind: z.literal("ready"), version: z.string() });
export type Ready = z.infer<typeof Ready>;

/** The two last parts of the execution class: where the model really runs, and in which precision. */
export const Loaded = z.object({
  kind: z.literal("loaded"),
  execution_provider: z.string(),
  precision: z.string(),
});
export type Loaded = z.infer<typeof Loaded>;

/** What it answers. `run` null concerns the model as a whole. */
export const FromChild = z.discriminatedUnion("kind", [
  Ready,
  Loaded,
  z.object({ kind: z.literal("done"), run: z.int(), outputs: z.array(Output), compute_ms: z.number() }),
  z.object({ kind: z.literal("canceled"), run: z.int() }),
  z.object({ kind: z.literal("failed"), run: z.int().nullable(), code: FailureCode, detail: z.string() }),
]);
export type FromChild = z.infer<typeof FromChild>;
