import type { Code } from "./code-folders.ts";

/**
 * Node's permission model for a child: it may read its code and what it is given, and neither write, nor start processes.
 * Native code is not held to it, which is why it is a second layer and never the only one.
 *
 * @param knownFlags `process.allowedNodeEnvironmentFlags`: the model is called differently in Node 20
 */
export function permissionFlags(
  knownFlags: ReadonlySet<string>,
  { folders, links }: Code,
  reads: readonly string[],
): string[] {
  const name = ["--permission", "--experimental-permission"].find((flag) => knownFlags.has(flag));
  if (name === undefined) return [];
  // A module's package is found by reading the links and manifests on the way.
  const readable = [...folders, ...links.map(({ path }) => path), ...reads];
  const allowed = [...new Set(readable)].map((path) => `--allow-fs-read=${path}`);
  return [name, "--allow-addons", "--allow-worker", "--no-warnings", ...allowed];
}
