import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every byte of every file below a folder. */
export function readFolder(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}
