import { z } from "zod";
import type { FoundGpu } from "./found-gpu.ts";

export const SYSTEM_PROFILER_ARGS = ["SPDisplaysDataType", "-json"] as const;

const Report = z.object({
  SPDisplaysDataType: z.array(
    z.object({
      sppci_model: z.string(),
      /** Of its own, as in `8 GB`; absent where the GPU shares the machine's memory. */
      spdisplays_vram: z.string().optional(),
    }),
  ),
});

const UNITS: Readonly<Record<string, number>> = { MB: 1024 ** 2, GB: 1024 ** 3 };

/** Share of the machine's memory that Metal lets a GPU without memory of its own work in. */
const SHARED_SHARE = 0.75;

/** GPUs of a Mac. @param memory_bytes of the whole machine */
export function parseSystemProfiler(json: string, memory_bytes: number): FoundGpu[] {
  const { SPDisplaysDataType: displays } = Report.parse(JSON.parse(json));
  return displays.map(({ sppci_model, spdisplays_vram }) => {
    const [, amount, unit = ""] = spdisplays_vram?.match(/^([\d.]+) (MB|GB)$/) ?? [];
    const own = amount === undefined ? null : Number(amount) * (UNITS[unit] ?? 0);
    return { name: sppci_model.slice(0, 128), vram_bytes: Math.floor(own ?? memory_bytes * SHARED_SHARE) };
  });
}
