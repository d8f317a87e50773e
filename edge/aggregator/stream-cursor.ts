import type { Finished, JobStream } from "./job-stream.ts";
import type { StreamRecord } from "./stream-records.ts";

/** What one reader of a job's stream has: a place in each completion, which is all that it costs. */
export interface StreamCursor {
  readonly places: { epoch: number; positions: number; finished: Finished | null }[];
}

/**
 * @param positions of each shard that the reader has already
 * @param epochs how often each had begun anew when that was so
 * @param isTold whether it knows that a shard is finished
 */
export function createCursor(
  { completions }: JobStream,
  positions: readonly number[],
  epochs: readonly number[],
  isTold: (shard: number) => boolean,
): StreamCursor {
  const places = completions.map(({ stream, finished }, shard) => ({
    epoch: epochs[shard] ?? stream.epoch,
    positions: positions[shard] ?? 0,
    finished: isTold(shard) ? finished : null,
  }));
  return { places };
}

/**
 * What has come since, as far as one message holds, and the cursor moved past it. A reader that is slow gets more at once;
 * nothing is kept for it.
 *
 * @param parts_max of one completion in one record
 */
export function readOn({ completions }: JobStream, cursor: StreamCursor, parts_max: number): StreamRecord[] {
  const records: StreamRecord[] = [];
  for (const [shard, { stream, finished }] of completions.entries()) {
    const place = cursor.places[shard];
    if (place === undefined) continue;
    if (place.epoch !== stream.epoch) {
      if (place.positions > 0 || place.finished !== null) records.push({ kind: "restart", shard });
      Object.assign(place, { epoch: stream.epoch, positions: 0, finished: null });
    }
    const { positions: start } = place;
    const parts = stream.parts.slice(start, start + parts_max);
    if (parts.length > 0) records.push({ kind: "parts", shard, start, parts });
    place.positions += parts.length;
    // After a restart a reader may be ahead of what was read back: it has what is made again.
    if (finished === null || place.finished === finished || place.positions < stream.positions) continue;
    place.finished = finished;
    records.push({ kind: "finished", shard, ...finished });
  }
  return records;
}

/** Whether there is more than the last message could hold. */
export const isBehind = ({ completions }: JobStream, { places }: StreamCursor): boolean =>
  completions.some(({ stream }, shard) => (places[shard]?.positions ?? 0) < stream.positions);
