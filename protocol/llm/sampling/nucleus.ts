import { decay } from "./decay.ts";

export interface Nucleus {
  temperature: number;
  top_p: number;
}

/** Logits go into bins this wide, in units of the temperature: so the edge is found without sorting them all. */
const BINS_PER_UNIT = 64;
const BINS = 48 * BINS_PER_UNIT;

const masses = new Float64Array(BINS + 1);

/**
 * The lowest logit in the nucleus (Holtzman et al. 2020): a token is in it when all likelier ones together, at this
 * temperature, have a probability of less than `top_p`. Tokens with equal logits are in it together or not at all.
 * @param top the highest of the logits
 */
export function nucleusEdge(logits: Float32Array, { temperature, top_p }: Nucleus, top: number): number {
  if (top_p >= 1) return Number.NEGATIVE_INFINITY;
  const scale = 1 / temperature;
  const wanted = top_p * fillBins(logits, top, scale);
  let bin = 0;
  let likelier = 0;
  while (bin < BINS && likelier + (masses[bin] ?? 0) < wanted) likelier += masses[bin++] ?? 0;
  const within = listBin(logits, top, scale, bin);
  return edgeIn(within, wanted - likelier, (logit) => decay((top - logit) * scale));
}

/** Sums up the mass of each bin and returns that of all. */
function fillBins(logits: Float32Array, top: number, scale: number): number {
  masses.fill(0);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = (top - (logits[i] ?? 0)) * scale;
    const mass = decay(below);
    if (mass === 0) continue;
    const bin = Math.min(BINS, (below * BINS_PER_UNIT) | 0);
    masses[bin] = (masses[bin] ?? 0) + mass;
    total += mass;
  }
  return total;
}

/** The logits of one bin, ascending. */
function listBin(logits: Float32Array, top: number, scale: number, bin: number): Float32Array {
  const least = bin / BINS_PER_UNIT;
  const most = bin === BINS ? Number.POSITIVE_INFINITY : (bin + 1) / BINS_PER_UNIT;
  const found: number[] = [];
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] ?? 0;
    const below = (top - logit) * scale;
    if (below >= least && below < most) found.push(logit);
  }
  return Float32Array.from(found).sort();
}

/** The lowest of ascending logits above which less than `wanted` mass lies. */
function edgeIn(ascending: Float32Array, wanted: number, massOf: (logit: number) => number): number {
  let likelier = 0;
  let i = ascending.length - 1;
  while (i > 0) {
    const logit = ascending[i] ?? 0;
    likelier += massOf(logit);
    if (likelier >= wanted && ascending[i - 1] !== logit) break;
    i -= 1;
  }
  return ascending[i] ?? Number.NEGATIVE_INFINITY;
}
