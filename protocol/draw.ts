import { canonicalBytes, type Sha256 } from "@infernet/schemas/digest";
import { hmacSha256, renderHash } from "@infernet/schemas/hash";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Draw, RosterEntry } from "@infernet/schemas/verification";
import { createDrawStream } from "./draw-stream.ts";

/** What a draw is about: nothing of it can be chosen once the answer is committed. */
export interface DrawSubject extends Pick<Draw, "shard" | "round" | "purpose" | "of"> {
  job_id: JobId;
  /** The answer's commitment. */
  root: Sha256;
}

/**
 * The value of a draw: HMAC-SHA-256 with the epoch's seed (32 bytes) over the subject's canonical JSON (RFC 8785). Before
 * the commitment nobody can know it, for the root is part of it; after the epoch everybody can repeat it.
 */
export function drawValue(seed: Uint8Array, subject: DrawSubject): Sha256 {
  const { job_id, shard, round, purpose, of, root } = subject;
  return renderHash(
    hmacSha256(seed, canonicalBytes({ type: "infernet.draw.v1", job_id, shard, round, purpose, of, root })),
  );
}

/**
 * Draws `count` of the eligible, each as likely as its weight says, none twice and no two of one group. Fewer when there
 * are not so many.
 *
 * @param eligible in the order of the roster, which is the order of ids
 */
export function drawRunners(value: Sha256, eligible: readonly RosterEntry[], count: number): RunnerId[] {
  const stream = createDrawStream(value, "runners");
  let left = eligible;
  const drawn: RunnerId[] = [];
  while (drawn.length < count && left.length > 0) {
    let total = 0;
    for (const { weight } of left) total += weight;
    const entry = pickWeighted(left, stream.below(total));
    drawn.push(entry.id);
    if (drawn.length < count) left = left.filter((other) => other !== entry && !shareGroup(other, entry));
  }
  return drawn;
}

function shareGroup({ groups }: RosterEntry, other: RosterEntry): boolean {
  for (const group of groups) if (other.groups.includes(group)) return true;
  return false;
}

/** The entry in whose stretch of the weights laid end to end the point lies. */
function pickWeighted(entries: readonly RosterEntry[], point: number): RosterEntry {
  let left = point;
  for (const entry of entries) {
    if (left < entry.weight) return entry;
    left -= entry.weight;
  }
  throw new RangeError(`${point} is beyond the weights`);
}

/** The rows that one runner checks: `count` of `rows`, counted from 0, ascending (Floyd's sampling, CACM 30(9), 1987). */
export function drawRows(value: Sha256, runner: RunnerId, rows: number, count: number): number[] {
  if (count >= rows) return Array.from({ length: rows }, (_, row) => row);
  const stream = createDrawStream(value, `rows ${runner}`);
  const chosen = new Set<number>();
  for (let last = rows - count; last < rows; last += 1) {
    const row = stream.below(last + 1);
    chosen.add(chosen.has(row) ? last : row);
  }
  return [...chosen].sort((a, b) => a - b);
}
