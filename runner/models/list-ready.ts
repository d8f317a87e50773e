import type { Sha256 } from "@infernet/schemas/digest";
import { listKnownModels } from "./known-models.ts";
import { readCache } from "./read-cache.ts";

/** Digests of the models all of whose files lie in a runner's cache, the one remembered last first. */
export async function listReady(home: string): Promise<Sha256[]> {
  const [known, blobs] = await Promise.all([listKnownModels(home), readCache(home)]);
  const here = new Set(blobs.map(({ sha256 }) => sha256));
  return known
    .filter(({ manifest: { files } }) => files.length > 0 && files.every(({ sha256 }) => here.has(sha256)))
    .map(({ digest }) => digest);
}
