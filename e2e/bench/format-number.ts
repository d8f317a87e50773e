const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A number for people: three digits or more of it, thousands separated. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return whole.format(value);
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}
