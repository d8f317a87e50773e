import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { NodeInstallation } from "./oldest-node.ts";

/** Variables of npm, of its scripts, of the test's own tools: a machine that has just been installed has none. */
const OURS = /^(npm_|node_options$|node_path$|vitest|infernet_|xdg_)/i;

/** A user who has a Node and an empty home, in an empty folder. */
export interface BareMachine {
  cwd: string;
  home: string;
  /** The whole environment of its programs. */
  env: Record<string, string>;
}

/** @param folder an empty one, for all that the programs write */
export function createBareMachine(folder: string, node: NodeInstallation): BareMachine {
  const [cwd, home] = [join(folder, "empty"), join(folder, "home")];
  for (const path of [cwd, home]) mkdirSync(path, { recursive: true });
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !OURS.test(entry[0]),
  );
  const path = (process.env.PATH ?? "").split(delimiter).filter((bin) => !bin.includes("node_modules"));
  const env = { ...Object.fromEntries(kept), HOME: home, PATH: [node.bin, ...path].join(delimiter) };
  return { cwd, home, env };
}
