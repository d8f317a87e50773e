import { readFileSync, writeFileSync } from "node:fs";

/** Reads a secret from a file that only its owner can read, and makes it with `create` when the file is not there. */
export function loadSecret(file: string, create: () => string): string {
  try {
    writeFileSync(file, `${create()}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8").trim();
}
