import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundGpu } from "./found-gpu.ts";

/**
 * GPUs of the amdgpu driver without any tool: Linux shows their memory in `mem_info_vram_total`.
 * @param drm the folder of graphics cards, `/sys/class/drm`
 */
export async function readAmdSysfs(drm: string): Promise<FoundGpu[]> {
  const cards = (await readdir(drm).catch(() => [])).filter((name) => /^card\d+$/.test(name)).sort();
  const found = await Promise.all(
    cards.map(async (card): Promise<FoundGpu[]> => {
      const text = async (name: string): Promise<string | null> =>
        (await readFile(join(drm, card, "device", name), "utf8").catch(() => null))?.trim() ?? null;
      const bytes = Number((await text("mem_info_vram_total")) ?? Number.NaN);
      if (!Number.isSafeInteger(bytes) || bytes <= 0) return [];
      return [{ name: (await text("product_name")) || "AMD GPU", vram_bytes: bytes }];
    }),
  );
  return found.flat();
}
