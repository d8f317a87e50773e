/** A number of things, as in `1 shard` and `2,000 rows`. */
export const renderCount = (n: number, what: string): string =>
  `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
