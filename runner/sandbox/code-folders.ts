import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const Manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** What a module can import, as far as it is there. */
export interface Code {
  /** Absolute paths of packages' folders, no one inside another. */
  folders: string[];
  /** Links that lead to one of them: where each stands and where it leads. */
  links: { path: string; target: string }[];
}

/**
 * The package that a module is part of and all packages that it depends on, where they are really installed: in a clone
 * the workspaces beside it, in the published package, which depends on nothing, itself.
 *
 * @param entry absolute path of the module
 */
export function codeFolders(entry: string): Code {
  const folders = new Set<string>();
  const links = new Map<string, string>();
  const queue = [packageRoot(entry)];
  for (let root = queue.pop(); root !== undefined; root = queue.pop()) {
    if (folders.has(root)) continue;
    folders.add(root);
    const { dependencies } = Manifest.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    for (const name of Object.keys(dependencies)) {
      const found = findPackage(root, name);
      if (found === null) continue;
      const target = realpathSync(found);
      if (lstatSync(found).isSymbolicLink()) links.set(found, target);
      queue.push(target);
    }
  }
  return {
    folders: withoutNested([...folders]),
    links: [...links].map(([path, target]) => ({ path, target })),
  };
}

/** @throws when no folder above has a manifest */
function packageRoot(path: string): string {
  const folder = dirname(realpathSync(path));
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
  }
  throw new Error(`${path} is in no package`);
}

/** Where Node would find a package, or null where it would not. */
export function findPackage(from: string, name: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) return folder;
    if (at === dirname(at)) return null;
  }
}

function withoutNested(folders: readonly string[]): string[] {
  return folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}
