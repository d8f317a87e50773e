import type { Address, EncodedAccount, MaybeEncodedAccount } from "@solana/kit";

interface Change {
  slot: number;
  /** The account as it was until then. */
  before: MaybeEncodedAccount;
}

/** Slots for which earlier states are kept. */
export const HISTORY_SLOTS = 500;

/**
 * What accounts were some slots ago. LiteSVM holds the newest state alone, but a reader who asks for what is finalized
 * must not see what was executed a moment ago.
 */
export class AccountHistory {
  readonly #current: (address: Address) => MaybeEncodedAccount;
  readonly #changes = new Map<Address, Change[]>();

  constructor(current: (address: Address) => MaybeEncodedAccount) {
    this.#current = current;
  }

  /** To be called before accounts change in `slot`. */
  remember(addresses: readonly Address[], slot: number): void {
    this.#forget(slot - HISTORY_SLOTS);
    for (const address of addresses) {
      const change = { slot, before: this.#current(address) };
      const changes = this.#changes.get(address);
      if (changes) changes.push(change);
      else this.#changes.set(address, [change]);
    }
  }

  /** The account as it was at the end of `slot`. */
  at(address: Address, slot: number): MaybeEncodedAccount {
    const next = this.#changes.get(address)?.find((change) => change.slot > slot);
    return next ? next.before : this.#current(address);
  }

  /** Of these accounts of today and of those that have changed since, the ones that passed `belongs` at the end of `slot`. */
  allAt(
    today: readonly Address[],
    slot: number,
    belongs: (account: EncodedAccount) => boolean,
  ): EncodedAccount[] {
    return [...new Set([...today, ...this.#changes.keys()])].flatMap((address) => {
      const account = this.at(address, slot);
      return account.exists && belongs(account) ? [account] : [];
    });
  }

  #forget(before: number): void {
    for (const [address, changes] of this.#changes) {
      const kept = changes.filter(({ slot }) => slot >= before);
      if (kept.length === 0) this.#changes.delete(address);
      else if (kept.length < changes.length) this.#changes.set(address, kept);
    }
  }
}
