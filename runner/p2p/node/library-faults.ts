import { sourceOfFrame } from "./source-of-frame.ts";

/**
 * Packages whose errors are some peer's doing: libp2p's own, and what only it stands on. Their errors are thrown where nobody can
 * catch them when a connection breaks at the wrong moment.
 */
const PACKAGES =
  /(^|[\\/])node_modules[\\/](@libp2p|libp2p|@multiformats|@chainsafe|it-[\w-]+|p-event|multicast-dns|uint8arraylist|main-event|race-signal|any-signal)[\\/]/;

/** Whether an error comes out of the library: by the place nearest to where it was thrown that is not Node's own. */
export function isLibraryFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const thrower = frames.find((line) => !/\(?node:/.test(line));
  return thrower !== undefined && PACKAGES.test(sourceOfFrame(thrower) ?? "");
}

/**
 * Keeps the process alive through the library's uncaught errors, each of which is told; all others end it as they would without
 * this. Returns what takes it away again.
 */
export function surviveLibraryFaults(onFault: (error: Error) => void): () => void {
  const onUncaught = (error: unknown): void => {
    if (error instanceof Error && isLibraryFault(error)) {
      onFault(error);
      return;
    }
    // Whoever else listens has been told already; where nobody does, the process ends as it would have.
    process.off("uncaughtException", onUncaught);
    if (process.listenerCount("uncaughtException") > 0) return;
    setImmediate(() => {
      throw error;
    });
  };
  process.on("uncaughtException", onUncaught);
  return () => {
    process.off("uncaughtException", onUncaught);
  };
}
