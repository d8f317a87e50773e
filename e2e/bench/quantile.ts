/** The value that a share `q` of the sample lies at or below (nearest rank), NaN of an empty sample. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export const median = (sample: readonly number[]): number => quantile(sample, 0.5);
