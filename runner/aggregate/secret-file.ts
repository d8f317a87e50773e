import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/**
 * Reads a secret from a file that only its owner can read, and makes it with `create` when the file is not there: written
 * beside and linked into place, so that no crash leaves half a secret under the name.
 */
export function loadSecret(file: string, create: () => string): string {
  const half = `${file}.${process.pid}.part`;
  writeFileSync(half, `${create()}\n`, { mode: 0o600 });
  try {
    linkSync(half, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(half, { force: true });
  }
  return readFileSync(file, "utf8").trim();
}
