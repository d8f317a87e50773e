import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelFile, ModelManifest } from "@infernet/schemas/model";
import type { BlobCache, BlobFile } from "../cache/blob-cache.ts";
import type { BlobSharing } from "../cache/peer-blobs.ts";
import { type AnyEngine, isGenerationEngine } from "../engine/engine.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { layOut } from "./lay-out.ts";
import { pickEngine } from "./pick-engine.ts";
import type { LoadedModel } from "./session-pool.ts";

export interface ModelStoreOptions {
  /** Where loaded models' files are laid out; emptied at the start. */
  dir: string;
  engines: readonly AnyEngine[];
  /** Ends what is being loaded when the runner stops. */
  signal: AbortSignal;
}

/** Who is asked for a model that is not here. */
export interface ModelSource {
  client: Pick<EdgeClient, "getManifest">;
  cache: BlobCache;
  /** Ends what is being fetched from it. */
  signal: AbortSignal;
}

/** The models of one machine, by digest: whoever they came from, they are the same. */
export interface ModelStore {
  from(source: ModelSource): SourcedModels;
  /** Of a model that was fetched. What has left the cache since comes from where it came from last. */
  load(model: Sha256): Promise<LoadedModel>;
}

/** The same models; what is not here is asked of one source. */
export interface SourcedModels {
  manifestOf(model: Sha256): Promise<ModelManifest>;
  /** Brings manifest and files here. */
  fetch(model: Sha256): Promise<void>;
}

interface Known {
  manifest: ModelManifest;
  source: ModelSource;
}

export async function openModelStore(options: ModelStoreOptions): Promise<ModelStore> {
  const { dir, engines, signal } = options;
  await rm(dir, { recursive: true, force: true });
  let loads = 0;
  const known = new Map<Sha256, Known>();

  async function askFor(model: Sha256, source: ModelSource): Promise<ModelManifest> {
    const manifest = known.get(model)?.manifest ?? (await source.client.getManifest(model, source.signal));
    known.delete(model);
    known.set(model, { manifest, source });
    const [oldest] = known.keys();
    if (known.size > LIMITS.runner_manifests_max && oldest) known.delete(oldest);
    return manifest;
  }

  function from(source: ModelSource): SourcedModels {
    const manifests = new Map<Sha256, Promise<ModelManifest>>();
    const fetching = new Map<Sha256, Promise<void>>();

    const manifestOf = (model: Sha256): Promise<ModelManifest> =>
      once(manifests, model, () => askFor(model, source));

    async function bring(model: Sha256): Promise<void> {
      const manifest = await manifestOf(model);
      pickEngine(engines, manifest);
      for (const file of manifest.files) {
        const { sha256 } = file;
        await source.cache.withBlob(sha256, source.signal, async () => undefined, sharingOf(model, file));
      }
    }

    return { manifestOf, fetch: (model) => once(fetching, model, () => bring(model)) };
  }

  return {
    from,
    load: async (model) => {
      const found = known.get(model);
      if (found === undefined) throw new Error(`model ${model} is loaded before it was fetched`);
      const { manifest, source } = found;
      const engine = pickEngine(engines, manifest);
      // A folder for each load: the last one's may still be on its way out.
      const home = join(dir, `${model}-${loads++}`);
      const remove = (): Promise<void> => rm(home, { recursive: true, force: true });
      try {
        for (const file of manifest.files) {
          const lay = ({ path }: BlobFile): Promise<void> => layOut(path, join(home, file.path));
          await source.cache.withBlob(file.sha256, signal, lay, sharingOf(model, file));
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

/** Peers may have a model's files. */
const sharingOf = (model: Sha256, { bytes, chunks }: ModelFile): BlobSharing => ({ bytes, model, chunks });

/** Those who want the same at the same time are told the same. */
function once<Value>(
  running: Map<Sha256, Promise<Value>>,
  model: Sha256,
  begin: () => Promise<Value>,
): Promise<Value> {
  const begun = running.get(model) ?? begin().finally(() => running.delete(model));
  running.set(model, begun);
  return begun;
}
