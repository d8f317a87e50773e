import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { BlobCache } from "../cache/blob-cache.ts";
import { type AnyEngine, isGenerationEngine } from "../engine/engine.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { layOut } from "./lay-out.ts";
import { pickEngine } from "./pick-engine.ts";
import type { LoadedModel } from "./session-pool.ts";

export interface ModelStoreOptions {
  /** Where loaded models' files are laid out; emptied at the start. */
  dir: string;
  engines: readonly AnyEngine[];
  client: Pick<EdgeClient, "getManifest">;
  cache: BlobCache;
  /** Ends what is being fetched when the runner stops. */
  signal: AbortSignal;
}

export interface ModelStore {
  manifestOf(model: Sha256): Promise<ModelManifest>;
  load(model: Sha256): Promise<LoadedModel>;
}

export async function openModelStore(options: ModelStoreOptions): Promise<ModelStore> {
  const { dir, engines, client, cache, signal } = options;
  await rm(dir, { recursive: true, force: true });
  let loads = 0;
  const manifests = new Map<Sha256, Promise<ModelManifest>>();

  function manifestOf(model: Sha256): Promise<ModelManifest> {
    const known = manifests.get(model);
    if (known) return known;
    const manifest = client.getManifest(model, signal);
    manifests.set(model, manifest);
    manifest.catch(() => manifests.delete(model));
    const [oldest] = manifests.keys();
    if (manifests.size > LIMITS.runner_manifests_max && oldest) manifests.delete(oldest);
    return manifest;
  }

  return {
    manifestOf,
    load: async (model) => {
      const manifest = await manifestOf(model);
      const engine = pickEngine(engines, manifest);
      // A folder for each load: the last one's may still be on its way out.
      const home = join(dir, `${model}-${loads++}`);
      const remove = (): Promise<void> => rm(home, { recursive: true, force: true });
      try {
        for (const file of manifest.files) {
          await cache.withBlob(file.sha256, signal, ({ path }) => layOut(path, join(home, file.path)));
        }
        if (isGenerationEngine(engine)) {
          const generator = await engine.loadGenerator(manifest, home);
          return { manifest, generator, close: () => generator.close().finally(remove) };
        }
        const session = await engine.load(manifest, home);
        return { manifest, session, close: () => session.close().finally(remove) };
      } catch (error) {
        await remove();
        throw error;
      }
    },
  };
}
