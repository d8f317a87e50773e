import { z } from "zod";
import { coresPerSm } from "./cores-per-sm.ts";
import type { FoundGpu } from "./found-gpu.ts";

/** What the CUDA driver says of one device; the attributes by their numbers in `cuda.h`. */
export const CudaDevice = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  vram_bytes: z.int().min(0),
  /** CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16. */
  multiprocessors: z.int(),
  /** CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 36, in kHz; newer drivers say 0. */
  memory_clock_khz: z.int(),
  /** CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 37. */
  bus_bits: z.int(),
  /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR, 75 and 76. */
  major: z.int(),
  minor: z.int(),
});
export type CudaDevice = z.infer<typeof CudaDevice>;

/** The memory moves data on both edges of its clock. */
const TRANSFERS_PER_CYCLE = 2;

export function describeCudaDevice(device: CudaDevice): FoundGpu {
  const { name, uuid, vram_bytes, multiprocessors, memory_clock_khz, bus_bits, major, minor } = device;
  const cores = multiprocessors * (coresPerSm(major, minor) ?? 0);
  const bandwidth = Math.round((TRANSFERS_PER_CYCLE * memory_clock_khz * 1_000 * bus_bits) / 8);
  return {
    name: name.slice(0, 128),
    uuid,
    vram_bytes,
    compute_capability: `${major}.${minor}`,
    ...(cores > 0 ? { cuda_cores: cores } : {}),
    ...(bandwidth > 0 ? { memory_bandwidth_bytes_per_s: bandwidth } : {}),
  };
}
