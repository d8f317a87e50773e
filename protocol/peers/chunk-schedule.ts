import { LIMITS } from "@infernet/schemas/limits";

/** One peer that a blob is taken from, as far as the next question to it depends on it. */
export interface ChunkSource<Peer> {
  peer: Peer;
  has(index: number): boolean;
  /** Chunks that it was asked for and has not sent yet. */
  in_flight: readonly { index: number; asked_ms: number }[];
  /** Good chunks that it has sent. */
  good: number;
  /** What it sends, measured; null before its first chunk. */
  bytes_per_ms: number | null;
  latency_ms: number;
}

export interface ChunkQuestion<Peer> {
  peer: Peer;
  index: number;
}

export interface ScheduleInput<Peer> {
  /** Chunks that are not here yet, ascending. */
  missing: readonly number[];
  sources: readonly ChunkSource<Peer>[];
  now_ms: number;
  /** Of one chunk. */
  chunk_bytes: number;
}

/** Questions that a peer may have open: one until it has sent a good chunk, then one more for each, so that a liar costs one chunk. */
const windowOf = (good: number): number => Math.min(LIMITS.blob_window_chunks_max, 1 + good);

/**
 * Which chunk is asked of whom next. The rarest first; of equally rare ones any by chance, so that peers who fetch at once have
 * different ones to give each other, but in order where all sources are whole. Sources are asked in the order in which they
 * would be done; one that would still be at it when the others are through with everything gets nothing. What takes far longer than expected is
 * asked of a source more that has nothing to do.
 *
 * @param random 0 to 1, 1 excluded
 */
export function decideChunkQuestions<Peer>(
  input: ScheduleInput<Peer>,
  random: () => number,
): ChunkQuestion<Peer>[] {
  const asked: ChunkQuestion<Peer>[] = [];
  const flying = new Set(input.sources.flatMap(({ in_flight }) => in_flight.map(({ index }) => index)));
  const open = (source: ChunkSource<Peer>): number =>
    source.in_flight.length + asked.filter(({ peer }) => peer === source.peer).length;
  for (;;) {
    const next = [...input.sources]
      .filter((source) => open(source) < windowOf(source.good))
      .sort((a, b) => expected_ms(a, open(a), input) - expected_ms(b, open(b), input))
      .map((source) => ({ source, index: pickChunk(source, input, flying, random) }))
      .find(({ source, index }) => index !== null && isWorthAsking(source, open(source), index, input));
    if (next === undefined || next.index === null) break;
    asked.push({ peer: next.source.peer, index: next.index });
    flying.add(next.index);
  }
  return [...asked, ...hedge(input, (source) => open(source) === 0)];
}

/** When a source would be through with one chunk more; before anything is known of it, as soon as a message takes. */
function expected_ms<Peer>(
  { bytes_per_ms, latency_ms }: ChunkSource<Peer>,
  open: number,
  { chunk_bytes }: ScheduleInput<Peer>,
): number {
  return latency_ms + (bytes_per_ms === null ? 0 : ((open + 1) * chunk_bytes) / bytes_per_ms);
}

function pickChunk<Peer>(
  source: ChunkSource<Peer>,
  { missing, sources }: ScheduleInput<Peer>,
  flying: ReadonlySet<number>,
  random: () => number,
): number | null {
  let rarest: number[] = [];
  let holders_min = Number.POSITIVE_INFINITY;
  for (const index of missing) {
    if (flying.has(index) || !source.has(index)) continue;
    const holders = sources.filter((other) => other.has(index)).length;
    if (holders < holders_min) {
      holders_min = holders;
      rarest = [];
    }
    if (holders === holders_min) rarest.push(index);
  }
  const [first] = rarest;
  if (first === undefined) return null;
  return holders_min === sources.length ? first : (rarest[Math.floor(random() * rarest.length)] ?? first);
}

/** The others are those that have the chunk too and are late with nothing. Whoever is soonest of all is always worth asking. */
function isWorthAsking<Peer>(
  source: ChunkSource<Peer>,
  open: number,
  index: number,
  input: ScheduleInput<Peer>,
): boolean {
  if (source.bytes_per_ms === null) return true;
  const others = input.sources.filter(
    (other) =>
      other !== source &&
      other.bytes_per_ms !== null &&
      other.has(index) &&
      !other.in_flight.some(({ asked_ms }) => input.now_ms - asked_ms > patience_ms(other, input)),
  );
  if (others.length === 0) return true;
  const rate = others.reduce((sum, { bytes_per_ms }) => sum + (bytes_per_ms ?? 0), 0);
  const rest_ms =
    Math.min(...others.map(({ latency_ms }) => latency_ms)) +
    (input.missing.length * input.chunk_bytes) / rate;
  const soonest_ms = Math.min(...others.map((other) => expected_ms(other, other.in_flight.length, input)));
  return expected_ms(source, open, input) <= Math.max(rest_ms, soonest_ms);
}

/** How long a source may take for what it was asked for. */
const patience_ms = <Peer>(source: ChunkSource<Peer>, input: ScheduleInput<Peer>): number =>
  Math.max(LIMITS.blob_hedge_ms_min, 2 * expected_ms(source, source.in_flight.length - 1, input));

/** One peer more for a chunk that everybody who was asked for it is late with. */
function hedge<Peer>(
  input: ScheduleInput<Peer>,
  isIdle: (source: ChunkSource<Peer>) => boolean,
): ChunkQuestion<Peer>[] {
  const late = new Set<number>();
  const punctual = new Set<number>();
  for (const source of input.sources) {
    for (const { index, asked_ms } of source.in_flight)
      (input.now_ms - asked_ms > patience_ms(source, input) ? late : punctual).add(index);
  }
  const wanted = input.missing.filter((index) => late.has(index) && !punctual.has(index));
  return input.sources.filter(isIdle).flatMap(({ peer, has }) => {
    const at = wanted.findIndex(has);
    const [index] = at < 0 ? [] : wanted.splice(at, 1);
    return index === undefined ? [] : [{ peer, index }];
  });
}
