import { closest, distance } from "fastest-levenshtein";

/** The known name that was probably meant; null when none is near. */
export function suggestName(given: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const best = closest(given, [...known]);
  return distance(given, best) <= Math.max(2, Math.floor(given.length / 3)) ? best : null;
}
