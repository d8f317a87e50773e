import type { Libp2pOptions } from "libp2p";
import { expect, test } from "vitest";
import { BoundedDatastore } from "./bounded-datastore.ts";

type Key = Parameters<NonNullable<Libp2pOptions["datastore"]>["put"]>[0];

/** Of a key the datastore asks for its name alone. */
const keyOf = (name: string): Key => ({ toString: () => name }) as Key;
const bytes = (length: number): Uint8Array => new Uint8Array(length);
const names = (store: BoundedDatastore, prefix?: string): string[] =>
  [...store.queryKeys(prefix === undefined ? {} : { prefix })].map(String);

test("what was used longest ago goes first when there is one entry too many", () => {
  const store = new BoundedDatastore(3, 1_000);
  for (const name of ["/a", "/b", "/c"]) store.put(keyOf(name), bytes(1));
  store.get(keyOf("/a"));
  store.put(keyOf("/d"), bytes(1));
  expect(names(store).sort()).toEqual(["/a", "/c", "/d"]);
  expect(store.has(keyOf("/b"))).toBe(false);
});

test("bytes are bounded as entries are", () => {
  const store = new BoundedDatastore(100, 10);
  store.put(keyOf("/a"), bytes(6));
  store.put(keyOf("/b"), bytes(4));
  store.put(keyOf("/b"), bytes(3));
  expect(names(store)).toEqual(["/a", "/b"]);
  store.put(keyOf("/c"), bytes(2));
  expect(names(store)).toEqual(["/b", "/c"]);
  store.put(keyOf("/d"), bytes(11));
  expect(names(store)).toEqual([]);
});

test("what is not there is said by the name that callers look for", () => {
  expect(() => new BoundedDatastore().get(keyOf("/a"))).toThrow(
    expect.objectContaining({ name: "NotFoundError" }),
  );
});

test("queries are answered by prefix, filter, order, and page", () => {
  const store = new BoundedDatastore();
  for (const name of ["/dht/b", "/dht/a", "/peers/a", "/dht/c"]) store.put(keyOf(name), bytes(1));
  expect(names(store, "/dht/")).toEqual(["/dht/b", "/dht/a", "/dht/c"]);
  const found = store.query({
    prefix: "/dht/",
    filters: [({ key }) => key.toString() !== "/dht/b"],
    orders: [(a, b) => (a.key.toString() < b.key.toString() ? -1 : 1)],
    offset: 1,
    limit: 1,
  });
  expect([...found].map(({ key }) => String(key))).toEqual(["/dht/c"]);
});
