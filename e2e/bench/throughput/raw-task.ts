import { Datatype, Shape, TensorName } from "@infernet/schemas/tensor";
import { z } from "zod";

/** What one process of the raw measurement computes, told as JSON on its command line. */
export const RawTask = z.strictObject({
  /** Path of the ONNX file. */
  model: z.string(),
  /** Path of the bytes of all rows. */
  rows: z.string(),
  input: z.strictObject({ name: TensorName, datatype: Datatype, shape: Shape }),
  start: z.int(),
  count: z.int(),
  /** Rows in one call. */
  batch: z.int(),
});
export type RawTask = z.infer<typeof RawTask>;
