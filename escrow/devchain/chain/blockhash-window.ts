import { randomBytes } from "node:crypto";
import { getBase58Decoder } from "@solana/kit";

/** Slots for which a transaction may name a blockhash, on a cluster: Agave's MAX_PROCESSING_AGE. */
const CLUSTER_SLOTS = 150;
const CLUSTER_SLOT_MS = 400;

/**
 * Slots for which a blockhash is valid here: 150, or as many as make up the minute that 150 slots of a cluster last. The
 * minute is kept because web3.js 1.x uses a blockhash again for half of it.
 */
export const blockhashSlots = (slot_ms: number): number =>
  Math.max(CLUSTER_SLOTS, Math.ceil((CLUSTER_SLOTS * CLUSTER_SLOT_MS) / slot_ms));

/**
 * The blockhashes of the chain. LiteSVM knows a single one, so its own check is off and this decides instead: a hash is
 * valid when it was handed out here for one of the last `valid_slots` slots.
 */
export class BlockhashWindow {
  readonly valid_slots: number;
  readonly #slotOf = new Map<string, number>();
  readonly #hashOf = new Map<number, string>();

  constructor(valid_slots: number) {
    this.valid_slots = valid_slots;
  }

  /** The hash of a slot; the same for everybody who asks. */
  at(slot: number): string {
    const known = this.#hashOf.get(slot);
    if (known !== undefined) return known;
    const hash = this.issue(slot);
    this.#hashOf.set(slot, hash);
    return hash;
  }

  /** A hash for one caller alone, so that two equal transfers in one slot are two transactions. */
  issue(slot: number): string {
    this.#forget(slot - this.valid_slots);
    const hash = getBase58Decoder().decode(randomBytes(32));
    this.#slotOf.set(hash, slot);
    return hash;
  }

  isValid(hash: string, slot: number): boolean {
    const issued = this.#slotOf.get(hash);
    return issued !== undefined && slot - issued <= this.valid_slots;
  }

  #forget(before: number): void {
    for (const [hash, slot] of this.#slotOf) if (slot < before) this.#slotOf.delete(hash);
    for (const slot of this.#hashOf.keys()) if (slot < before) this.#hashOf.delete(slot);
  }
}
