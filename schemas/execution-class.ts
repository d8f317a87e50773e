import { z } from "zod";

/**
 * What must be equal before two outputs can be compared tightly: engine, its version, execution provider and
 * precision, as in `onnx/1.30.0/cpu/fp32`.
 */
export const ExecutionClass = z
  .string()
  .regex(/^[a-z0-9._+-]+(\/[a-z0-9._+-]+){3}$/, "is not engine/version/provider/precision")
  .max(128)
  .meta({ id: "ExecutionClass" });
export type ExecutionClass = z.infer<typeof ExecutionClass>;
