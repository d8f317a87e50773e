import { expect, it } from "vitest";
import type { Fresh } from "./key-value-slots.ts";
import { PrefixStore, prefixKey } from "./prefix-store.ts";

const block = (): Fresh => ({ lanes: [], positions: 32, start: 0 });

it("names a block by all tokens up to its end", () => {
  const first = prefixKey(null, [1, 2, 3]);
  expect(prefixKey(null, [1, 2, 3])).toBe(first);
  expect(prefixKey(null, [12, 3])).not.toBe(first);
  expect(prefixKey(first, [4])).not.toBe(prefixKey(null, [4]));
  expect(prefixKey(first, [4])).not.toBe(prefixKey(prefixKey(null, [9]), [4]));
});

it("lets the longest unused go when it is full", () => {
  const store = new PrefixStore(3 * 32);
  for (const key of ["a", "b", "c"]) store.set(key, block());
  store.get("a");
  store.set("d", block());
  expect(["a", "b", "c", "d"].filter((key) => store.has(key))).toEqual(["a", "c", "d"]);
});

it("keeps nothing where there is no room for a block", () => {
  const store = new PrefixStore(31);
  store.set("a", block());
  expect(store.has("a")).toBe(false);
});
