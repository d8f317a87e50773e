import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { HOME_FILES, isLeftover } from "./home-files.ts";

interface Item {
  name: string;
  bytes: number;
}

export interface Removal {
  removed: Item[];
  /** Key and signed leases, which stay unless they are asked to go. */
  kept: Item[];
  /** What somebody else has put there. */
  foreign: string[];
}

/** What of a home goes and what stays. @param withIdentity whether the name and what is owed to it go too */
export async function planRemoval(home: string, withIdentity: boolean): Promise<Removal> {
  const removal: Removal = { removed: [], kept: [], foreign: [] };
  for (const name of (await readdir(home).catch(() => [])).sort()) {
    const known = HOME_FILES.find((file) => file.name === name);
    if (known === undefined && !isLeftover(name)) removal.foreign.push(name);
    else {
      const item = { name, bytes: await sizeOf(join(home, name)) };
      (known?.is === "identity" && !withIdentity ? removal.kept : removal.removed).push(item);
    }
  }
  return removal;
}

/** Of a file, or of all files in a folder; links are not followed. */
async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
