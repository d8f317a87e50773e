/** What the chain says of an escrow, and where on the chain it was read. */
export interface ChainSums {
  deposited: bigint;
  paid: bigint;
  /** How many payments it has made. */
  sequence: number;
  position: number;
}

/** What the book says of it, and from where on the chain it knows. */
export interface BookSums {
  deposited: bigint;
  /** Everything that left it, fees included. */
  released: bigint;
  /** How many payments it should have made; null where the chain's word is taken for that. */
  sequence: number | null;
  position: number;
}

export type Reconciliation =
  /** They agree; more may have been deposited. */
  | { kind: "fits" }
  /** It was read from before what the book knows: it says nothing about now. */
  | { kind: "stale" }
  | { kind: "mismatch"; detail: string };

/**
 * Compares an escrow with the book. Only to be asked while no payment from it is under way. Deposits grow by anybody's hand;
 * anything else that the book does not know must stop payouts until a person has looked. Payments are counted too: should
 * an endpoint say of one that landed that it failed, the next has its number, and the chain refuses it.
 */
export function reconcilePlace(chain: ChainSums, book: BookSums): Reconciliation {
  if (chain.position < book.position) return { kind: "stale" };
  if (chain.paid !== book.released)
    return {
      kind: "mismatch",
      detail: `the chain says that ${chain.paid} were released from it, the book ${book.released}`,
    };
  if (book.sequence !== null && chain.sequence !== book.sequence)
    return {
      kind: "mismatch",
      detail: `the chain says that it has made ${chain.sequence} payments, the book ${book.sequence}`,
    };
  if (chain.deposited < book.deposited)
    return {
      kind: "mismatch",
      detail: `the chain says that ${chain.deposited} were paid into it, the book ${book.deposited}`,
    };
  return { kind: "fits" };
}
