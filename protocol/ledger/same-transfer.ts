import type { Transfer } from "@infernet/schemas/ledger";

/**
 * Whether two transfers are one, told twice. When it was made does not count: whoever tries again reads the clock anew,
 * and the time of the first try stands.
 */
export const sameTransfer = (a: Transfer, b: Transfer): boolean =>
  a.id === b.id &&
  a.kind === b.kind &&
  a.debit === b.debit &&
  a.credit === b.credit &&
  a.unit === b.unit &&
  a.amount === b.amount &&
  a.pending === b.pending &&
  a.memo === b.memo;
