import { expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { ContactTable } from "./contact-table.ts";
import { runEclipse } from "./eclipse.ts";
import { GrownNetwork } from "./grown-network.ts";
import { shardsFor, weighLabel } from "./hot-label.ts";
import { OUR_PARAMS } from "./kad-params.ts";
import { distance, KEY_SPACE, keyBeside, nearestOf, sharedBits } from "./key-space.ts";
import { grow, liveThrough, recordKeyOf, recordOf } from "./live-through.ts";
import { HABITS, kill, runPlan } from "./networks.ts";

const SEED = 7;
const drawKeys = (count: number, name: string): number[] => {
  const random = createRandom(SEED, name);
  return Array.from({ length: count }, () => random.below(KEY_SPACE));
};

it("finds the ids nearest to a key, as looking at all of them does", () => {
  const ids = drawKeys(500, "ids").sort((a, b) => a - b);
  for (const key of drawKeys(50, "keys")) {
    const all = [...ids.keys()].sort((a, b) => distance(ids[a] ?? 0, key) - distance(ids[b] ?? 0, key));
    expect(nearestOf(ids, key, 8)).toEqual(all.slice(0, 8));
  }
});

it("draws keys that share so many first bits and not one more", () => {
  for (const [n, key] of drawKeys(30, "beside").entries())
    expect(sharedBits(key, keyBeside(key, n, 0xffffffff)), `seed ${SEED}`).toBe(n);
});

it("keeps whom it knew first, in buckets that are cut down to the prefix and no further", () => {
  const idOf = drawKeys(2_000, "contacts");
  const table = new ContactTable({ k: 8, prefix_bits: 4 });
  for (const node of idOf.keys()) table.hear(node, idOf, 0, () => true);
  expect(table.size).toBe(8 * 2 ** 4);
  expect(Math.max(...table.contacts())).toBeLessThan(500);
  const [first = 0] = idOf;
  expect(table.nearest(first, 1, idOf)).toEqual([0]);
});

it("gives the place of a contact that is gone to somebody new only when it is one of the three oldest", () => {
  const idOf = [1, 2, 3, 4, 5, 6];
  const table = new ContactTable({ k: 5, prefix_bits: 0 });
  const hear = (node: number, now_min: number, gone: number): void =>
    table.hear(node, idOf, now_min, (one) => one !== gone);
  for (let node = 0; node < 5; node += 1) hear(node, 0, -1);
  hear(5, 60, 4);
  expect(table.has(5, idOf)).toBe(false);
  hear(5, 60, 2);
  expect([table.has(5, idOf), table.has(2, idOf)]).toEqual([true, false]);
});

it("grows the same network from the same seed", () => {
  const plan = { nodes: 60, part_bits: 0, params: OUR_PARAMS };
  expect(runPlan(plan, SEED)).toEqual(runPlan(plan, SEED));
});

it("finds every record of fifty nodes in one hop, also right after three tenths of them have gone", () => {
  const random = createRandom(SEED, "fifty");
  const network = new GrownNetwork({ ...OUR_PARAMS, forgets: true }, random);
  grow(network, 50, 10);
  const hour = liveThrough(network, HABITS, 30, random);
  expect(hour.questions).toBeGreaterThan(100);
  kill(network, 0.3, random);
  for (const owner of network.living) {
    const found = network.look(0, recordKeyOf(owner));
    expect(
      found.answered.some((node) => network.keeps(node, recordOf(owner))),
      `seed ${SEED}`,
    ).toBe(true);
    expect(found.hops).toBe(1);
  }
});

it("hides a record by many ids around its key, and not by a few", () => {
  const params = { ...OUR_PARAMS, forgets: true };
  const plan = { nodes: 200, params, waited_min: 0, networks: 3 };
  const hidden = (ids: number) => runEclipse({ ...plan, ids }, SEED).hidden_share;
  expect(hidden(2)).toBeLessThan(0.05);
  expect(hidden(64)).toBeGreaterThan(0.5);
});

it("cuts a label where one keeper has no room for all of its records", () => {
  expect([50, 4_096, 20_000, 1_000_000].map(shardsFor)).toEqual([1, 1, 8, 256]);
  expect(weighLabel(20_000, shardsFor(20_000), 10).kept_share).toBe(1);
  expect(weighLabel(20_000, 1, 10).kept_share).toBeLessThan(0.25);
});
