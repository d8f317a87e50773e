import { z } from "zod";
import type { FoundGpu } from "./found-gpu.ts";

export const AMD_SMI_ARGS = ["static", "--asic", "--vram", "--driver", "--json"] as const;

const Size = z.union([z.number(), z.object({ value: z.number(), unit: z.string() })]);
const Card = z.object({
  asic: z.object({ market_name: z.string() }),
  vram: z.object({ size: Size }),
  driver: z.object({ version: z.string() }).optional(),
});
/** Newer releases wrap the list. */
const Report = z.union([z.array(Card), z.object({ gpu_data: z.array(Card) })]);

const UNITS: Readonly<Record<string, number>> = { MB: 1024 ** 2, GB: 1024 ** 3 };

/** `amd-smi` counts in MiB and calls them MB. */
export function parseAmdSmi(json: string): FoundGpu[] {
  const report = Report.parse(JSON.parse(json));
  return (Array.isArray(report) ? report : report.gpu_data).map(({ asic, vram, driver }) => {
    const { value, unit } = typeof vram.size === "number" ? { value: vram.size, unit: "MB" } : vram.size;
    return {
      name: asic.market_name.slice(0, 128),
      vram_bytes: Math.round(value * (UNITS[unit] ?? 1024 ** 2)),
      ...(driver ? { driver: driver.version.slice(0, 64) } : {}),
    };
  });
}
