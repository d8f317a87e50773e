import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempFolder {
  path: string;
  remove: () => void;
}

/** A new empty folder, under the system's temporary folder if nothing else is said. */
export function createTempFolder(parent = tmpdir()): TempFolder {
  const path = mkdtempSync(join(parent, "infernet-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
