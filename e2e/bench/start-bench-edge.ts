import { join } from "node:path";
import { type EdgePlatform, type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { stopAll } from "../network/stop-all.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import type { BenchContext } from "./bench-part.ts";

export interface BenchEdge {
  edge: EdgeProcess;
  /** For everything else that the measurement keeps on disk. */
  folder: string;
}

/** A fresh edge on a free port with its state in a temporary folder. */
export async function startBenchEdge(
  { cleanup }: Pick<BenchContext, "cleanup">,
  platform: EdgePlatform = "workerd",
): Promise<BenchEdge> {
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const edge = await startEdge({ state: join(path, "edge"), platform });
  cleanup.add(() => stopAll([edge.program]));
  return { edge, folder: path };
}
