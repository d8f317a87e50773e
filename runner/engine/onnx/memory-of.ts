import type { ModelManifest } from "@infernet/schemas/model";
import { memoryCap } from "../memory-cap.ts";
import type { Provider } from "./load-message.ts";

/**
 * Most bytes of memory that the process of a model may take; null where nothing bounds it. What a manifest says is about the
 * memory that the model lies in: on a GPU that is not the one which is limited here.
 */
export function memoryOf(
  { memory_bytes }: ModelManifest,
  provider: Provider,
  limit: number | undefined,
): number | null {
  if (limit === undefined) return null;
  return provider === "cpu" ? memoryCap(memory_bytes, limit) : limit;
}
