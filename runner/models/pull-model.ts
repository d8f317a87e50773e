import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelRef } from "@infernet/schemas/model";
import { BlobUnusable, openBlobCache } from "../cache/blob-cache.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { EdgeRefusal } from "../transport/edge-error.ts";
import { type KnownModel, rememberModel } from "./known-models.ts";

export interface PullOptions {
  client: Pick<EdgeClient, "findModel" | "getBlob">;
  home: string;
  bytes_max: number;
  signal: AbortSignal;
  /** Told of bytes that are here of all that there are. */
  onProgress(here_bytes: number, all_bytes: number): void;
}

/**
 * Brings a model's files into a runner's cache, whether a runner lives there or not: they come in beside it and are put in
 * place whole. What is there already is not fetched again.
 */
export async function pullModel(ref: ModelRef, options: PullOptions): Promise<KnownModel> {
  const { client, home, signal, onProgress } = options;
  const model = await client.findModel(ref, signal);
  const all_bytes = model.manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let here_bytes = 0;
  const count = (bytes: number): void => {
    here_bytes += bytes;
    onProgress(here_bytes, all_bytes);
  };
  const cache = join(home, "cache");
  await mkdir(cache, { recursive: true });
  // A folder of this process alone: opening the runner's own would take away what it is downloading.
  const dir = join(home, `pull-${process.pid}`);
  try {
    const incoming = await openIncoming(dir, options, count);
    for (const { sha256, bytes } of model.manifest.files) {
      const place = join(cache, sha256);
      if (await isThere(place)) count(bytes);
      else await incoming.withBlob(sha256, signal, ({ path }) => rename(path, place));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  await rememberModel(home, model);
  return model;
}

function openIncoming(dir: string, { client, bytes_max }: PullOptions, count: (bytes: number) => void) {
  return openBlobCache({
    dir,
    bytes_max,
    download: async (sha256, signal) => counted(await client.getBlob(sha256, signal), count),
    isPassing: (error) => !(error instanceof EdgeRefusal || error instanceof BlobUnusable),
  });
}

async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void) {
  for await (const chunk of chunks) {
    count(chunk.byteLength);
    yield chunk;
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
