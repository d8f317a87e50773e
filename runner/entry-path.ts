import { fileURLToPath } from "node:url";

/** Modules that run as processes or threads of their own, by their path from this folder. The package is built from this list. */
export const CHILD_ENTRIES = [
  "engine/embeddings/child",
  "engine/llm/child",
  "engine/oci/http-relay",
  "engine/oci/reap-orphans",
  "engine/onnx/child",
  "engine/onnx/probe-child",
  "engine/wasm/child",
  "hardware/challenge/challenge-child",
  "hardware/gpu/cuda-child",
  "sandbox/probe-child",
] as const;

/** Of these, the ones that run where no other file of the package is: they import Node's own modules alone. */
export const LONE_ENTRIES: readonly ChildEntry[] = ["engine/oci/http-relay"];

export type ChildEntry = (typeof CHILD_ENTRIES)[number];

/** TypeScript in a clone; in the published package, where every module keeps its place, what was made of it. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));

/** Absolute path of the module that Node runs as a child. */
export function entryPath(entry: ChildEntry): string {
  return fileURLToPath(new URL(`./${entry}${EXTENSION}`, import.meta.url));
}
