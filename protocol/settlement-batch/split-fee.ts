/**
 * What each of the payouts that were paid earns the aggregator: its own fee, first come first served, as far as what was
 * collected reaches.
 */
export function splitFee(fees: readonly bigint[], collected: bigint): bigint[] {
  let left = collected;
  return fees.map((fee) => {
    const earned = fee < left ? fee : left;
    left -= earned;
    return earned;
  });
}
