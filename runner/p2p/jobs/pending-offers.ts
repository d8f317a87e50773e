import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { rememberedUntil } from "@infernet/protocol/peers/direct-rules";
import { canonicalBytes } from "@infernet/schemas/digest";
import { type DirectOffer, readOffer, type SignedOffer } from "@infernet/schemas/peer/direct-offer";
import { writeDurably } from "./write-durably.ts";

/**
 * Offers of this client that have no answer yet, on disk before they are sent: a client that was killed asks for the same job under the
 * same id, and gets its answer without paying twice.
 */
export class PendingOffers {
  readonly #dir: string;
  readonly #now: () => number;

  constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
  }

  /** An offer for the very same job of the same provider that a provider would still know, or a new one that is kept now. */
  async findOrKeep(fresh: SignedOffer): Promise<SignedOffer> {
    const path = this.#pathOf(fresh.offer);
    const before = await readPending(path);
    if (before !== null && rememberedUntil(before.offer) > this.#now()) return before;
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    await writeDurably(path, fresh.bytes);
    return fresh;
  }

  /** Removes offers that no provider knows any more. */
  async forgetOld(): Promise<void> {
    for (const name of await readdir(this.#dir).catch(() => [])) {
      const path = join(this.#dir, name);
      const signed = await readPending(path);
      if (signed === null || rememberedUntil(signed.offer) <= this.#now()) await rm(path, { force: true });
    }
  }

  /** It was answered, or refused for good. */
  async forget({ offer }: SignedOffer): Promise<void> {
    await rm(this.#pathOf(offer), { force: true });
  }

  #pathOf({ id: _, issued_ms: __, deadline_ms: ___, ...job }: DirectOffer): string {
    return join(this.#dir, createHash("sha256").update(canonicalBytes(job)).digest("hex"));
  }
}

async function readPending(path: string): Promise<SignedOffer | null> {
  const bytes = await readFile(path).catch(() => null);
  return bytes === null ? null : readOffer(new Uint8Array(bytes));
}
