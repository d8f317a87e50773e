import type { Sha256 } from "@infernet/schemas/digest";
import type { Engine } from "@infernet/schemas/model";
import type { KnownModel } from "./known-models.ts";
import type { CachedBlob } from "./read-cache.ts";

export interface CachedModel {
  digest: Sha256;
  names: string[];
  engine: Engine;
  /** Of all its files, and of those that are here. */
  bytes: number;
  bytes_here: number;
  files: number;
  files_here: number;
  /** When one of its files was used last; null when none is here. */
  used_at: string | null;
  loaded: boolean;
}

export interface CacheListing {
  models: CachedModel[];
  /** Inputs of jobs, and files of models that nobody remembers. */
  others: { blobs: number; bytes: number };
  /** Of the whole cache. */
  bytes: number;
}

/** What a runner's cache holds, by model. Models of which nothing is here are left out. */
export function listModels(
  known: readonly KnownModel[],
  blobs: readonly CachedBlob[],
  loaded: ReadonlySet<Sha256>,
): CacheListing {
  const here = new Map(blobs.map((blob) => [blob.sha256, blob]));
  const claimed = new Set(known.flatMap(({ manifest }) => manifest.files.map(({ sha256 }) => sha256)));
  const models = known.flatMap(({ digest, names, manifest }): CachedModel[] => {
    const files = manifest.files.flatMap(({ sha256 }) => here.get(sha256) ?? []);
    const isLoaded = loaded.has(digest);
    if (files.length === 0 && !isLoaded) return [];
    const used_ms = Math.max(0, ...files.map((file) => file.used_ms));
    return [
      {
        digest,
        names: [...names],
        engine: manifest.engine,
        bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
        bytes_here: sumBytes(files),
        files: manifest.files.length,
        files_here: files.length,
        used_at: used_ms === 0 ? null : new Date(used_ms).toISOString(),
        loaded: isLoaded,
      },
    ];
  });
  const others = blobs.filter(({ sha256 }) => !claimed.has(sha256));
  return {
    models: models.sort((a, b) => (b.used_at ?? "").localeCompare(a.used_at ?? "")),
    others: { blobs: others.length, bytes: sumBytes(others) },
    bytes: sumBytes(blobs),
  };
}

const sumBytes = (blobs: readonly { bytes: number }[]): number =>
  blobs.reduce((sum, { bytes }) => sum + bytes, 0);
