import { readFile } from "node:fs/promises";
import { Sha256 } from "@infernet/schemas/digest";
import { ModelManifest, ModelRef, manifestDigest } from "@infernet/schemas/model";
import { askEdge } from "../cli/ask-edge.ts";
import { RunnerError } from "../runner-error.ts";
import type { EdgeClient } from "../transport/edge-client.ts";

export interface ModelFound {
  model: Sha256;
  /** Null where only a provider can tell. */
  manifest: ModelManifest | null;
}

/**
 * The model that a name, a digest or the file of a manifest means. Throws RunnerError `model_unnamed`, and as `askEdge` does.
 *
 * @param edge null where none is to be asked
 */
export async function findModel(
  ref: string,
  edge: { url: string; client: Pick<EdgeClient, "findModel"> } | null,
  signal: AbortSignal,
): Promise<ModelFound> {
  if (ref.endsWith(".json")) return readManifest(ref);
  const parsed = ModelRef.safeParse(ref);
  if (!parsed.success)
    throw new RunnerError(
      "model_unnamed",
      `'${ref}' is no digest, no name and no file of a manifest (.json)`,
    );
  const digest = Sha256.safeParse(ref);
  if (edge === null) {
    if (digest.success) return { model: digest.data, manifest: null };
    throw new RunnerError("model_unnamed", `only an edge knows which model '${ref}' is`);
  }
  const named = await askEdge(edge.url, "the model", () => edge.client.findModel(parsed.data, signal));
  return { model: named.digest, manifest: named.manifest };
}

async function readManifest(path: string): Promise<ModelFound> {
  try {
    const manifest = ModelManifest.parse(JSON.parse(await readFile(path, "utf8")));
    return { model: await manifestDigest(manifest), manifest };
  } catch (error) {
    throw new RunnerError("model_unnamed", `${path} is no manifest: ${String(error)}`, { cause: error });
  }
}
