import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Directory, File } from "@bjorn3/browser_wasi_shim";

/** The files of a model that its command may read, as a tree in memory. */
export async function readModelFiles(dir: string, paths: readonly string[]): Promise<Directory> {
  const root = new Directory([]);
  for (const path of [...paths].sort()) {
    const names = path.split("/");
    const name = names.pop() ?? path;
    const folder = names.reduce(enter, root);
    folder.contents.set(name, new File(await readFile(join(dir, path)), { readonly: true }));
  }
  return root;
}

function enter(parent: Directory, name: string): Directory {
  const found = parent.contents.get(name);
  if (found instanceof Directory) return found;
  const made = new Directory([]);
  parent.contents.set(name, made);
  return made;
}
