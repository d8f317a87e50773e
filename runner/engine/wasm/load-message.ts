import { TensorSpec } from "@infernet/schemas/tensor";
import { z } from "zod";

/** What the child of the wasm engine needs to make a model ready. */
export const LoadMessage = z.object({
  /** Absolute path of the folder with the model's files. */
  dir: z.string(),
  /** Path of the module in it, and of the files beside it. */
  entry: z.string(),
  files: z.array(z.string()),
  inputs: z.array(TensorSpec),
  outputs: z.array(TensorSpec),
  abi: z.enum(["rows", "wasi"]),
  /** Most rows of one call; null for all of a shard. */
  call_rows_max: z.int().min(1).nullable(),
  memory_bytes_max: z.int().min(0),
  fuel_per_row_max: z.int().min(1).nullable(),
});
export type LoadMessage = z.infer<typeof LoadMessage>;
