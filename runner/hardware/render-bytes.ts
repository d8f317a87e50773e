const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** As a person reads it: `1.5 GiB`. */
export function renderBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[power]}`;
}
