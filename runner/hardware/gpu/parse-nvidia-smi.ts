import type { FoundGpu } from "./found-gpu.ts";

const MIB = 1024 ** 2;

/** What is asked of `nvidia-smi`, one line a GPU: everything but cores and bus width, which it does not know. */
export const NVIDIA_SMI_ARGS = [
  "--query-gpu=uuid,name,memory.total,compute_cap,driver_version",
  "--format=csv,noheader,nounits",
] as const;

/** Lines that are not as asked for, as of a GPU that has fallen off its bus, are left out. */
export function parseNvidiaSmi(csv: string): FoundGpu[] {
  return csv.split("\n").flatMap((line) => {
    const [uuid, name, memory, capability, driver] = line.split(",").map((cell) => cell.trim());
    const mib = Number(memory);
    if (!uuid?.startsWith("GPU-") || !name || !Number.isSafeInteger(mib)) return [];
    return [
      {
        uuid,
        name: name.slice(0, 128),
        vram_bytes: mib * MIB,
        ...(capability && /^\d{1,2}\.\d{1,2}$/.test(capability) ? { compute_capability: capability } : {}),
        ...(driver && /^[\d.]+$/.test(driver) ? { driver } : {}),
      },
    ];
  });
}
