import type { FoundGpu } from "./found-gpu.ts";

/** What two sources say of the same GPUs as one; where the driver itself says nothing, the tool's word stands alone. */
export function joinNvidia(
  fromDriver: readonly FoundGpu[],
  fromTool: readonly FoundGpu[],
  driver: string | null,
): FoundGpu[] {
  if (fromDriver.length === 0) return [...fromTool];
  return fromDriver.map((gpu) => {
    const told = fromTool.find(({ uuid }) => uuid === gpu.uuid)?.driver ?? fromTool[0]?.driver ?? driver;
    return { ...gpu, ...(told ? { driver: told } : {}) };
  });
}

/** The version in `/proc/driver/nvidia/version`; null where there is none. */
export const parseDriverVersion = (text: string): string | null =>
  text.match(/Kernel Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)/)?.[1] ?? null;
