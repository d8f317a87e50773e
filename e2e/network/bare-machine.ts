import { constants, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
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

/** Where npm keeps what it downloaded, and how it finds it there: by the digest that a lockfile names (SRI). */
const CONTENT = "_cacache/content-v2";

/**
 * Gives the machine's npm what the npm of this one has downloaded already of a lockfile's packages, as `npm ci` of the
 * repository has of ONNX Runtime, so that a test need not download 113 MB again. npm checks it as it would a download.
 */
export function lendDownloads({ home }: BareMachine, integrities: readonly string[]): void {
  const cache = process.env.npm_config_cache ?? join(homedir(), ".npm");
  for (const integrity of integrities) {
    const [algorithm = "", digest = ""] = integrity.split("-", 2);
    const hex = Buffer.from(digest, "base64").toString("hex");
    const path = join(CONTENT, algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
    const [from, to] = [join(cache, path), join(home, ".npm", path)];
    if (!existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}
