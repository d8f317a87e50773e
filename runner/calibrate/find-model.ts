import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import { BlobUnusable, openBlobCache } from "../cache/blob-cache.ts";
import { loadIdentity } from "../identity/identity.ts";
import { RunnerError } from "../runner-error.ts";
import { EdgeRefusal } from "../transport/edge-error.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";

/** A model whose files lie in a folder, each under its path. */
export interface LocalModel {
  digest: Sha256;
  manifest: ModelManifest;
  dir: string;
}

/** The name of the manifest in a model's folder. */
const MANIFEST = "manifest.json";

/** A model from a folder with `manifest.json` and the files that it names. Throws RunnerError `usage` where they differ. */
export async function openModelFolder(folder: string): Promise<LocalModel> {
  const dir = resolve(folder);
  const manifest = await readManifest(join(dir, MANIFEST));
  for (const { path, sha256 } of manifest.files) {
    const file = join(dir, path);
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new RunnerError("usage", `${MANIFEST} names ${file}, which cannot be read: ${error}`);
    });
    const actual = createHash("sha256").update(bytes).digest("hex");
    if (actual !== sha256)
      throw new RunnerError(
        "usage",
        `${file} is another file than ${MANIFEST} names: its sha256 is ${actual}`,
      );
  }
  return { digest: await manifestDigest(manifest), manifest, dir };
}

async function readManifest(path: string): Promise<ModelManifest> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new RunnerError("usage", `There is no manifest to read: ${error}`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RunnerError("usage", `${path} is not JSON: ${error}`);
  }
  const parsed = ModelManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RunnerError("usage", `${path} is no manifest: /${issue?.path.join("/")}: ${issue?.message}`);
}

export interface EdgeModelOptions {
  edge: string;
  /** Where this machine's identity is: requests are signed. */
  home: string;
  digest: Sha256;
  /** An empty folder for the model's files. */
  dir: string;
}

/** A model from an edge. Throws RunnerError when the edge does not answer, or has no such model. */
export async function fetchModel({ edge, home, digest, dir }: EdgeModelOptions): Promise<LocalModel> {
  const giveUp = new AbortController();
  const client = createHttpEdgeClient({
    edge,
    identity: await loadIdentity(resolve(home)),
    onUnreachable: (detail) => giveUp.abort(new RunnerError("edge_away", detail)),
  });
  try {
    const manifest = await client.getManifest(digest, giveUp.signal);
    const cache = await openBlobCache({
      dir: join(dir, "blobs"),
      bytes_max: LIMITS.runner_cache_bytes_default,
      download: (sha256, signal) => client.getBlob(sha256, signal),
      isPassing: (error) => !(error instanceof EdgeRefusal || error instanceof BlobUnusable),
    });
    const files = join(dir, "model");
    for (const { path, sha256 } of manifest.files) {
      const target = join(files, path);
      await mkdir(dirname(target), { recursive: true });
      await cache.withBlob(sha256, giveUp.signal, (blob) => copyFile(blob.path, target));
    }
    return { digest, manifest, dir: files };
  } catch (error) {
    if (!(error instanceof EdgeRefusal)) throw error;
    throw new RunnerError("edge_refused", `${edge} does not give the model. ${error.message}`, {
      cause: error,
    });
  }
}
