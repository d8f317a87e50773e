/** A millionth of the unit is the smallest amount. */
const DECIMALS = 6;

/** Micro-units as whole units: six decimals, always. */
export function renderUnits(micro: bigint): string {
  const digits = micro.toString().padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** As in `12.345678 credit`. */
export const renderAmount = (micro: bigint, unit: string): string => `${renderUnits(micro)} ${unit}`;
