import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempFolder {
  path: string;
  remove: () => void;
}

/** A new empty folder under the system's temporary folder. */
export function createTempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "infernet-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
