import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";

export interface CachedBlob {
  sha256: Sha256;
  bytes: number;
  used_ms: number;
}

/** Blobs that lie whole in a runner's cache, the one used longest ago first. */
export async function readCache(home: string): Promise<CachedBlob[]> {
  const dir = join(home, "cache");
  const names = await readdir(dir).catch(() => []);
  const blobs = await Promise.all(
    names.map(async (name): Promise<CachedBlob[]> => {
      const sha256 = Sha256.safeParse(name);
      const file = sha256.success ? await stat(join(dir, name)).catch(() => null) : null;
      return sha256.success && file ? [{ sha256: sha256.data, bytes: file.size, used_ms: file.mtimeMs }] : [];
    }),
  );
  return blobs.flat().sort((a, b) => a.used_ms - b.used_ms);
}

/** Digests of the models that a runner has laid out for its engines: `models/<digest>-<n>`. */
export async function readLoaded(home: string): Promise<Set<Sha256>> {
  const names = await readdir(join(home, "models")).catch(() => []);
  return new Set(
    names.flatMap((name) => {
      const digest = Sha256.safeParse(name.replace(/-\d+$/, ""));
      return digest.success ? [digest.data] : [];
    }),
  );
}
