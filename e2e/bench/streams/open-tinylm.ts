import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GenerationSession } from "infernet-runner/engine/engine";
import { createLlmEngine } from "infernet-runner/engine/llm/llm-engine";
import { tinylmManifest } from "infernet-runner/engine/llm/testing/tinylm";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";

const TINYLM = fileURLToPath(new URL("../../fixtures/tinylm", import.meta.url));

/** The test model on the engine that runners have, with one thread, in the best sandbox of this machine. */
export async function openTinylm({ cleanup }: Pick<BenchContext, "cleanup">): Promise<GenerationSession> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const dir = join(folder.path, "tinylm");
  await cp(TINYLM, dir, { recursive: true });
  const { best: sandbox } = await findBestSandbox();
  const engine = await createLlmEngine({ sandbox, threads: 1 });
  const session = await engine.loadGenerator(await tinylmManifest(), dir);
  cleanup.add(() => session.close());
  return session;
}
