import { copyFile, link, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** A second name for the cached file: no copy, and eviction from the cache does not take it away from the model. */
export async function layOut(cached: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await link(cached, path).catch(() => copyFile(cached, path));
}
