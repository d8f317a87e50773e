import { FailureCode } from "@infernet/schemas/runner";
import { Datatype, Shape, Tensor, TensorName } from "@infernet/schemas/tensor";
import { z } from "zod";

/**
 * What the runner tells the process that holds a model, over the structured-clone IPC of `child_process`. What `load`
 * carries is the engine's own: its child parses it.
 */
export const ToChild = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("load"), model: z.unknown() }),
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

/** What it answers. `run` null concerns the model as a whole. */
export const FromChild = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready"), version: z.string() }),
  /** The two last parts of the execution class: where the model really runs, and in which precision. */
  z.object({ kind: z.literal("loaded"), execution_provider: z.string(), precision: z.string() }),
  z.object({ kind: z.literal("done"), run: z.int(), outputs: z.array(Output), compute_ms: z.number() }),
  z.object({ kind: z.literal("canceled"), run: z.int() }),
  z.object({ kind: z.literal("failed"), run: z.int().nullable(), code: FailureCode, detail: z.string() }),
]);
export type FromChild = z.infer<typeof FromChild>;
