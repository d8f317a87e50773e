import { statfs } from "node:fs/promises";

const LOOK_MS = 250;

/**
 * Aborts when the disk under `folder` has lost more than `bytes_max` since the start: an archive of 100 MB can unpack to any
 * size. Null watches nothing.
 */
export async function watchDisk(
  folder: string | null,
  bytes_max: number,
): Promise<{ signal: AbortSignal; stop(): void }> {
  const control = new AbortController();
  const free = async (): Promise<number> => {
    if (folder === null) return 0;
    const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 }));
    return bavail * bsize;
  };
  const before = await free();
  const timer = setInterval(async () => {
    if (before - (await free()) > bytes_max)
      control.abort(new Error(`it takes more than ${bytes_max} bytes`));
  }, LOOK_MS);
  timer.unref();
  return { signal: control.signal, stop: () => clearInterval(timer) };
}
