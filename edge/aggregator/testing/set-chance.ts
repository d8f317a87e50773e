import { vi } from "vitest";

const realRandom = crypto.getRandomValues.bind(crypto);

/**
 * Has the aggregator draw this number, from 0 to below 1, whenever it leaves something to chance: with 0.5 nobody is tested
 * by a probe or a plant. Ids stay random.
 */
export function setChance(chance: number): void {
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) =>
    array instanceof Uint32Array && array.length === 1 ? array.fill(chance * 2 ** 32) : realRandom(array),
  );
}
