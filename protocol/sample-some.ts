import { seededWords } from "@infernet/schemas/seeded-random";

/**
 * `count` of the items, each as likely as any other, in their order: the same ones for the same `chance`, a number from 0
 * to below 1 (Floyd's sampling, CACM 30(9), 1987, over mulberry32).
 */
export function sampleSome<Item>(items: readonly Item[], count: number, chance: number): Item[] {
  if (count >= items.length) return [...items];
  const next = seededWords(Math.floor(chance * 2 ** 32));
  const below = (bound: number): number => next() % bound;
  const chosen = new Set<number>();
  for (let last = items.length - count; last < items.length; last += 1) {
    const at = below(last + 1);
    chosen.add(chosen.has(at) ? last : at);
  }
  return items.filter((_, at) => chosen.has(at));
}
