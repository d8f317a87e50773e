import { randomBytes } from "node:crypto";
import { getBase58Decoder } from "@solana/kit";

/** Slots for which a transaction may name a blockhash: Agave's MAX_PROCESSING_AGE. */
export const BLOCKHASH_SLOTS = 150;

/**
 * The blockhashes of the chain. LiteSVM knows a single one, so its own check is off and this decides instead: a hash is
 * valid when it was handed out here for one of the last 150 slots.
 */
export class BlockhashWindow {
  readonly #slotOf = new Map<string, number>();
  readonly #hashOf = new Map<number, string>();

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
    this.#forget(slot - BLOCKHASH_SLOTS);
    const hash = getBase58Decoder().decode(randomBytes(32));
    this.#slotOf.set(hash, slot);
    return hash;
  }

  isValid(hash: string, slot: number): boolean {
    const issued = this.#slotOf.get(hash);
    return issued !== undefined && slot - issued <= BLOCKHASH_SLOTS;
  }

  #forget(before: number): void {
    for (const [hash, slot] of this.#slotOf) if (slot < before) this.#slotOf.delete(hash);
    for (const slot of this.#hashOf.keys()) if (slot < before) this.#hashOf.delete(slot);
  }
}
