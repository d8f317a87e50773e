import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const Manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });
const LEGAL = /^(licen[cs]e|notice|copying)/i;

/**
 * The licences of every package that went into the bundle, as each asks to be passed on.
 *
 * @param sources files of the bundle, relative to `root`
 * @throws when a package does not say how it is licensed
 */
export function renderNotice(root: string, sources: readonly string[]): string {
  const folders = new Set(sources.flatMap((source) => packageFolder(root, source) ?? []));
  const parts = [...folders].sort().map(renderPackage);
  return [
    "infernet-runner is under the MIT licence: see LICENSE.",
    `Its files in dist/ contain these ${parts.length} packages, unchanged but for being bundled. The source of each is on the npm registry.`,
    ...parts,
  ].join("\n\n");
}

/** The folder under node_modules that a file belongs to; null for the repository's own. */
function packageFolder(root: string, source: string): string | null {
  if (!source.includes("node_modules/")) return null;
  let folder = dirname(join(root, source));
  // Packages put manifests without a name into folders of their own, to tell Node how to read them.
  while (!isPackage(folder)) folder = dirname(folder);
  return folder;
}

const isPackage = (folder: string): boolean => readManifest(folder).success;

function readManifest(folder: string) {
  const path = join(folder, "package.json");
  return Manifest.safeParse(existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null);
}

function renderPackage(folder: string): string {
  const { name, version, license } = Manifest.parse(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const texts = readdirSync(folder)
    .filter((file) => LEGAL.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${"-".repeat(80)}\n${name} ${version}: ${license}`, ...texts].join("\n\n");
}
