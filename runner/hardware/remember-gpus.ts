import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { writeJson } from "../write-json.ts";
import { bootId } from "./boot-id.ts";
import { detectGpus, GPU_PLACES, type GpuFindings } from "./gpu/detect-gpus.ts";
import { FoundGpu } from "./gpu/found-gpu.ts";
import { provideKoffi } from "./gpu/koffi.ts";

/** `hardware.json`: what was found, since when this machine runs, and when it was looked for. */
const Remembered = z.strictObject({ at_ms: z.int(), boot: z.string(), gpus: z.array(FoundGpu) });

/**
 * The GPUs of this machine, remembered in `home` so that a start does not wait for drivers: looked for anew after a day
 * and whenever the machine was started again.
 */
export async function rememberGpus(
  home: string,
  now_ms: number,
  detect: () => Promise<Pick<GpuFindings, "gpus">> = () => detectGpus(GPU_PLACES, () => provideKoffi(home)),
): Promise<FoundGpu[]> {
  const path = join(home, "hardware.json");
  const boot = await bootId();
  const known = await readFile(path, "utf8")
    .then((text) => Remembered.parse(JSON.parse(text)))
    .catch(() => null);
  const isFresh = known?.boot === boot && Math.abs(now_ms - known.at_ms) < LIMITS.hardware_age_ms_max;
  if (known && isFresh) return known.gpus;
  const { gpus } = await detect();
  // Remembering saves time; where it cannot be written, nothing is lost.
  await writeJson(path, { at_ms: now_ms, boot, gpus }).catch(() => undefined);
  return gpus;
}
