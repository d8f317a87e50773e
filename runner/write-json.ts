import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a value where a crash leaves the old file or the new one whole, and nothing else. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const half = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(half, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(half, path);
  } finally {
    await rm(half, { force: true });
  }
}
