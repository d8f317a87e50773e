import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface NodeInstallation {
  version: string;
  /** The folder of `node`, with `npm` and `npx` beside it. */
  bin: string;
}

/** The oldest Node on this machine's PATH that npm comes with and that is not older than asked for. */
export function findOldestNode(major_min: number): NodeInstallation {
  const bins = [...new Set((process.env.PATH ?? "").split(delimiter))];
  const found = bins
    .filter((bin) => existsSync(join(bin, "node")) && existsSync(join(bin, "npx")))
    .map((bin) => ({ bin, version: versionOf(join(bin, "node")) }))
    .filter(({ version }) => Number.parseInt(version, 10) >= major_min)
    .sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
  const oldest = found[0];
  if (!oldest)
    throw new Error(`no Node ${major_min} or newer with npx on PATH; ${dirname(process.execPath)} runs this`);
  return oldest;
}

const versionOf = (node: string): string =>
  execFileSync(node, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");
