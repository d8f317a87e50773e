import type { CachedBlob } from "./read-cache.ts";

/** A running runner writes down that it uses a file once a minute: what was used since then may be in its hands. */
const SETTLED_MS = 120_000;

/**
 * Which blobs go so that the rest is within a bound: those used longest ago first.
 * @param blobs the one used longest ago first
 * @param isLived whether a runner lives there, which may be using the latest ones
 */
export function decidePrune(
  blobs: readonly CachedBlob[],
  bytes_max: number,
  { now_ms, isLived }: { now_ms: number; isLived: boolean },
): CachedBlob[] {
  let bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  return blobs.filter((blob) => {
    if (bytes <= bytes_max) return false;
    if (isLived && blob.used_ms > now_ms - SETTLED_MS) return false;
    bytes -= blob.bytes;
    return true;
  });
}
