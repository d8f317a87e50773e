import { distance } from "fastest-levenshtein";

/** The name that was probably meant, when one is close enough for a slip of the keys. */
export function closestName(name: string, candidates: readonly string[]): string | null {
  const [best] = candidates
    .map((candidate) => ({ candidate, steps: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  return best && best.steps <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : null;
}
