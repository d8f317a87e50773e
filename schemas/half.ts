/**
 * IEEE 754 binary16, in JavaScript numbers. `Float16Array` would do this, but the runner supports releases of Node
 * that lack it.
 */

const SMALLEST = 2 ** -24;

/** @param bits of a binary16, 0 to 65535 */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SMALLEST;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * (SMALLEST * (1 << (exponent - 1)));
}

/** Bits of the nearest binary16, ties to even; 65520 and above become infinity. */
export function encodeHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65_520) return sign | 0x7c00;
  // The gap between neighbours is 2^-24 below 2^-14 and doubles with every power of two above it.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const steps = roundHalfEven(magnitude * 2 ** (10 - exponent));
  // A carry out of the fraction runs into the exponent, as it should; a subnormal has no leading one to drop.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** @param bits of binary16 values */
export function decodeHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  // A loop, because `Float32Array.from` with a function takes ten times as long.
  for (let i = 0; i < bits.length; i++) values[i] = decodeHalf(bits[i] ?? 0);
  return values;
}
