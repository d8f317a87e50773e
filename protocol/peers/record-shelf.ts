import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type DiscoveryLabel, labelsOf } from "@infernet/schemas/peer/discovery-label";
import type { PeerRecord, SignedPeerRecord } from "@infernet/schemas/peer/peer-record";

export interface ShelfLimits {
  records_max: number;
  bytes_max: number;
  sequences_max: number;
}

const LIMITS_OF_A_NODE: ShelfLimits = {
  records_max: LIMITS.peer_records_kept_max,
  bytes_max: LIMITS.peer_records_kept_bytes_max,
  sequences_max: LIMITS.peer_sequences_kept_max,
};

/** When nothing can hold any more that was made before. */
const REMEMBERED_MS = LIMITS.peer_record_ms_max + LIMITS.peer_clock_skew_ms_max;

/** `kept`: it is the newest known. `known`: this very record was here. `stale`: a newer one was seen. `expired`: it holds no more. */
export type ShelfVerdict = "kept" | "known" | "stale" | "expired";

/**
 * Records that a node has checked and keeps for their runners: of each the newest, no more than its limits allow; whose record was put
 * down longest ago goes first. An old record never replaces a newer one, not even after the newer one has expired: the
 * highest sequence number of each peer is remembered until no record made before can hold any more. No clock of its own.
 */
export class RecordShelf {
  readonly #limits: ShelfLimits;
  readonly #records = new Map<RunnerId, SignedPeerRecord>();
  readonly #byLabel = new Map<DiscoveryLabel, Set<RunnerId>>();
  readonly #sequences = new Map<RunnerId, { sequence: number; until_ms: number }>();
  #bytes = 0;

  constructor(limits: ShelfLimits = LIMITS_OF_A_NODE) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#records.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Remembers a record's number, and keeps the record itself where it is this peer's to hand on: what it was not handed by the
   * record's own runner it would not be told the end of. A record that was seen and is over by its number is kept no more.
   */
  note({ record }: Pick<SignedPeerRecord, "record">, now_ms: number): ShelfVerdict {
    const { runner, sequence } = record;
    const verdict = this.#judge(record, now_ms);
    if (verdict !== "kept") return verdict;
    const kept = this.#records.get(runner);
    if (kept !== undefined && kept.record.sequence < sequence) this.#drop(runner);
    this.#sequences.delete(runner);
    this.#sequences.set(runner, { sequence, until_ms: now_ms + REMEMBERED_MS });
    this.#shrink(now_ms);
    return "kept";
  }

  /** Puts down a record whose signature has been checked, which its own runner has handed here. */
  put(signed: SignedPeerRecord, now_ms: number): ShelfVerdict {
    const verdict = this.note(signed, now_ms);
    if (verdict !== "kept") return verdict;
    const { runner } = signed.record;
    this.#drop(runner);
    this.#records.set(runner, signed);
    this.#bytes += signed.bytes.length;
    for (const label of labelsOf(signed.record)) this.#under(label).add(runner);
    this.#shrink(now_ms);
    return "kept";
  }

  #judge({ runner, sequence, expires_ms }: PeerRecord, now_ms: number): ShelfVerdict {
    if (expires_ms <= now_ms) return "expired";
    const seen = this.#sequences.get(runner)?.sequence ?? 0;
    if (sequence < seen) return "stale";
    return this.#records.get(runner)?.record.sequence === sequence ? "known" : "kept";
  }

  /** The peer's record, where there is one that holds; also that it has stopped. */
  get(runner: RunnerId, now_ms: number): SignedPeerRecord | null {
    const signed = this.#records.get(runner);
    if (signed === undefined) return null;
    if (signed.record.expires_ms > now_ms) return signed;
    this.#drop(runner);
    return null;
  }

  /** Records under any of the labels, each once; also of those that have stopped, which the asker may not have heard of. */
  find(labels: readonly DiscoveryLabel[], now_ms: number): SignedPeerRecord[] {
    const runners = new Set(labels.flatMap((label) => [...(this.#byLabel.get(label) ?? [])]));
    return [...runners].flatMap((runner) => this.get(runner, now_ms) ?? []);
  }

  #under(label: DiscoveryLabel): Set<RunnerId> {
    const known = this.#byLabel.get(label) ?? new Set();
    this.#byLabel.set(label, known);
    return known;
  }

  #drop(runner: RunnerId): void {
    const signed = this.#records.get(runner);
    if (signed === undefined) return;
    this.#records.delete(runner);
    this.#bytes -= signed.bytes.length;
    for (const label of labelsOf(signed.record)) {
      const known = this.#byLabel.get(label);
      known?.delete(runner);
      if (known?.size === 0) this.#byLabel.delete(label);
    }
  }

  #shrink(now_ms: number): void {
    const { records_max, bytes_max, sequences_max } = this.#limits;
    for (const [runner, { record }] of this.#records) {
      const isOver = this.#records.size > records_max || this.#bytes > bytes_max;
      if (!isOver && record.expires_ms > now_ms) break;
      this.#drop(runner);
    }
    for (const [runner, { until_ms }] of this.#sequences) {
      if (this.#sequences.size <= sequences_max && until_ms > now_ms) break;
      this.#sequences.delete(runner);
    }
  }
}
