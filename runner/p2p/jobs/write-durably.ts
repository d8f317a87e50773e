import { open, rename } from "node:fs/promises";

/** Ends the name of a file that is not whole yet. */
export const UNFINISHED = ".new";

/** Writes a file so that it is there whole or as it was before, whatever dies when: the bytes are on the disk when this resolves. */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const beside = `${path}${UNFINISHED}`;
  const file = await open(beside, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
