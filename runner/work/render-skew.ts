/** @param skew_ms how far the edge's clock is ahead of this machine's */
export const renderSkew = (skew_ms: number, edge = "the edge's"): string =>
  `this machine's clock is ${(Math.abs(skew_ms) / 1_000).toFixed(0)} s ${skew_ms > 0 ? "behind" : "ahead of"} ${edge}`;
