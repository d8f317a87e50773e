/** How fast a peer sends, as an average that forgets: the latest chunk counts for a third. */
const LATEST_SHARE = 1 / 3;

/** @param took_ms since the peer was free to send it: since it was asked, or had sent the one before */
export function measurePace(before_bytes_per_ms: number | null, bytes: number, took_ms: number): number {
  const latest = bytes / Math.max(took_ms, 0.1);
  return before_bytes_per_ms === null
    ? latest
    : before_bytes_per_ms + LATEST_SHARE * (latest - before_bytes_per_ms);
}
