import { z } from "zod";
import { CudaDevice } from "./cuda-device.ts";

/** What the process that asks the driver says: the devices, or why there are none to tell of. */
export const CudaReport = z.union([
  z.strictObject({ devices: z.array(CudaDevice).max(64) }),
  z.strictObject({ reason: z.string().max(500) }),
]);
export type CudaReport = z.infer<typeof CudaReport>;
