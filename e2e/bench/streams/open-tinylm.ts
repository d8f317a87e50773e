import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@infernet/schemas/digest";
import { ModelManifest, type ModelName } from "@infernet/schemas/model";
import type { GenerationSession } from "infernet-runner/engine/engine";
import { createLlmEngine } from "infernet-runner/engine/llm/llm-engine";
import { changeTinylm, widen } from "infernet-runner/engine/llm/testing/change-tinylm";
import { tinylmManifest } from "infernet-runner/engine/llm/testing/tinylm";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";
import type { ApiClient } from "../../network/api-client.ts";
import type { BenchContext } from "../bench-part.ts";

/** The test model, or one that says the same and takes longer, on the engine alone and published at an edge. */
export interface BenchModel {
  name: string;
  session: GenerationSession;
}

const MEMORY_BYTES = 512 * 1024 ** 2;

/**
 * Opens it on the engine that runners have, with one thread, in the best sandbox of this machine, and publishes it.
 *
 * @param times how much wider its feed-forward layers are: 1 is the model as it is
 */
export async function openTinylm(
  { cleanup }: Pick<BenchContext, "cleanup">,
  client: ApiClient,
  times: number,
): Promise<BenchModel> {
  const dir = await changeTinylm(widen(times));
  cleanup.add(() => rm(dir, { recursive: true, force: true }));
  const { best: sandbox } = await findBestSandbox();
  const engine = await createLlmEngine({ sandbox, threads: 1 });
  const name = times === 1 ? "tinylm" : `tinylm-wide-${times}`;
  const manifest = await publish(client, name, dir, times);
  const session = await engine.loadGenerator(manifest, dir);
  cleanup.add(() => session.close());
  return { name, session };
}

async function publish(
  client: ApiClient,
  name: ModelName,
  dir: string,
  times: number,
): Promise<ModelManifest> {
  const { llm, ...base } = await tinylmManifest();
  const parameters = String(Number(llm?.parameters) * times);
  const files = await Promise.all(
    base.files.map(async ({ path }) => {
      const bytes = new Uint8Array(await readFile(join(dir, path)));
      await client.putBlob(bytes);
      return { path, sha256: await sha256(bytes), bytes: bytes.length };
    }),
  );
  const manifest = ModelManifest.parse({
    ...base,
    files,
    memory_bytes: MEMORY_BYTES,
    llm: { ...llm, parameters },
  });
  await client.registerModel({ name, manifest });
  return manifest;
}
