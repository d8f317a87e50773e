import { createHash } from "node:crypto";
import { BLOCK } from "./canonical-schedule.ts";
import type { Fresh } from "./key-value-slots.ts";

/** Names all tokens up to the end of a block. */
export type PrefixKey = string;

/** The key of a block that follows on the one of `before`, null for the first. */
export function prefixKey(before: PrefixKey | null, tokens: readonly number[]): PrefixKey {
  const hash = createHash("sha256");
  if (before !== null) hash.update(before);
  return hash.update(Int32Array.from(tokens)).digest("base64");
}

/** Keys and values of whole blocks that were computed for earlier requests; the longest unused go first. */
export class PrefixStore {
  readonly #blocks = new Map<PrefixKey, Fresh>();
  readonly #blocks_max: number;

  constructor(tokens_max: number) {
    this.#blocks_max = Math.floor(tokens_max / BLOCK);
  }

  get(key: PrefixKey): Fresh | undefined {
    const block = this.#blocks.get(key);
    if (block) this.#touch(key, block);
    return block;
  }

  has(key: PrefixKey): boolean {
    return this.#blocks.has(key);
  }

  set(key: PrefixKey, block: Fresh): void {
    this.#touch(key, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > this.#blocks_max && oldest !== undefined) this.#blocks.delete(oldest);
  }

  #touch(key: PrefixKey, block: Fresh): void {
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
  }
}
