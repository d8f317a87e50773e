import { readImageNames } from "../engine/oci/image-ledger.ts";
import { runTool } from "../hardware/run-tool.ts";

const ENGINES = ["podman", "docker", "nerdctl"] as const;
const TIMEOUT_MS = 60_000;

/** Has container engines forget the images that the runner of this home brought here, and no others. */
export async function removeImages(home: string): Promise<void> {
  const names = await readImageNames(home);
  if (names.length === 0) return;
  // Which of the engines has it is not written down; the others say that they do not.
  for (const engine of ENGINES) for (const name of names) await runTool(engine, ["rmi", name], TIMEOUT_MS);
}
