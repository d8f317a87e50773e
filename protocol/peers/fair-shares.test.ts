import fc from "fast-check";
import { expect, test } from "vitest";
import { FairShares, type Turn } from "./fair-shares.ts";

const LEAD_MS = 2_000;

/** What one aggregator has to do: shards for one engine, each so long, in a time from its first to its last. */
interface Work {
  engine: number;
  costs_ms: readonly number[];
  from_ms: number;
  until_ms: number;
}

interface Inside {
  turn: Turn;
  cost_ms: number;
}

interface Engine {
  parallel: number;
  inside: Inside[];
  /** When the first that is inside is done. */
  done_ms: number;
}

/** What each had of the engines so far, at every moment that anything ended. */
interface Account {
  now_ms: number;
  used_ms: number[];
}

/** Engines that each run what was admitted one after the other, side by side, for as long as there is work. */
function simulate(works: readonly Work[], parallels: readonly number[], end_ms: number): Account[] {
  const shares = new FairShares(LEAD_MS);
  const engines = parallels.map((parallel): Engine => ({ parallel, inside: [], done_ms: 0 }));
  const next = works.map(() => 0);
  const waits = works.map(() => false);
  const used_ms = works.map(() => 0);
  const accounts: Account[] = [];
  let now_ms = 0;

  const admit = (engine: Engine, n: number): void => {
    while (engine.inside.length < engine.parallel) {
      const ready = works.flatMap((work, user) => (waits[user] && work.engine === n ? [String(user)] : []));
      const name = shares.next(ready, now_ms);
      if (name === null) return;
      const user = Number(name);
      const costs = works[user]?.costs_ms ?? [];
      const count = next[user] ?? 0;
      const cost_ms = costs[count % costs.length] ?? 1;
      next[user] = count + 1;
      if (engine.inside.length === 0) engine.done_ms = now_ms + cost_ms;
      const turn = shares.enter(name, engine.parallel);
      shares.begin(turn, now_ms);
      engine.inside.push({ turn, cost_ms });
      waits[user] = false;
      askAll();
    }
  };
  const askAll = (): void => {
    for (const [user, { from_ms, until_ms }] of works.entries()) {
      if (waits[user] || now_ms < from_ms || now_ms >= until_ms) continue;
      shares.wait(String(user), now_ms);
      waits[user] = true;
    }
  };

  while (now_ms < end_ms) {
    askAll();
    for (const [n, engine] of engines.entries()) admit(engine, n);
    const busy = engines.filter(({ inside }) => inside.length > 0);
    const later = works.map(({ from_ms }) => from_ms).filter((from_ms) => from_ms > now_ms);
    now_ms = Math.min(end_ms, ...busy.map(({ done_ms }) => done_ms), ...later);
    for (const engine of busy) {
      if (engine.done_ms > now_ms) continue;
      const ended = engine.inside.shift();
      if (ended === undefined) continue;
      shares.end(ended.turn, ended.cost_ms, now_ms);
      used_ms[Number(ended.turn.user)] = (used_ms[Number(ended.turn.user)] ?? 0) + ended.cost_ms;
      engine.done_ms = now_ms + (engine.inside[0]?.cost_ms ?? 0);
    }
    accounts.push({ now_ms, used_ms: [...used_ms] });
  }
  return accounts;
}

const COST_MS_MAX = 400;
const parallel = fc.integer({ min: 1, max: 4 });
const costs = fc.array(fc.integer({ min: 1, max: COST_MS_MAX }), { minLength: 1, maxLength: 8 });
const END_MS = 60_000;
/** What may be begun of one before it is known what it costs. */
const slack = (parallels: readonly number[]): number => (Math.max(...parallels) + 1) * COST_MS_MAX;

test("those who always have work for one engine have the same of it, however long their shards are", () => {
  fc.assert(
    fc.property(fc.array(costs, { minLength: 2, maxLength: 6 }), parallel, (all, width) => {
      const works = all.map((costs_ms) => ({ engine: 0, costs_ms, from_ms: 0, until_ms: END_MS }));
      for (const { used_ms } of simulate(works, [width], END_MS))
        expect(Math.max(...used_ms) - Math.min(...used_ms)).toBeLessThanOrEqual(slack([width]));
    }),
    { numRuns: 60 },
  );
});

test("on several engines nobody gets further ahead of another who has work than the lead, and a shard or two", () => {
  const user = fc.record({ costs_ms: costs, engine: fc.nat(2) });
  const engines = fc.tuple(parallel, parallel, parallel);
  fc.assert(
    fc.property(fc.array(user, { minLength: 2, maxLength: 6 }), engines, (all, parallels) => {
      const works = all.map((one) => ({ ...one, from_ms: 0, until_ms: END_MS }));
      const { used_ms } = simulate(works, parallels, END_MS).at(-1) ?? { used_ms: [] };
      expect(Math.max(...used_ms) - Math.min(...used_ms)).toBeLessThanOrEqual(LEAD_MS + slack(parallels));
    }),
    { numRuns: 60 },
  );
});

test("an engine that somebody has work for is never idle, and who comes late has an equal share from then on", () => {
  const from = fc.integer({ min: 1_000, max: 40_000 });
  fc.assert(
    fc.property(costs, costs, from, parallel, (early, late, from_ms, width) => {
      const works = [
        { engine: 0, costs_ms: early, from_ms: 0, until_ms: END_MS },
        { engine: 0, costs_ms: late, from_ms, until_ms: END_MS },
      ];
      const accounts = simulate(works, [width], END_MS);
      const last = accounts.at(-1)?.used_ms ?? [];
      const [a = 0, b = 0] = last;
      expect(a + b).toBeGreaterThanOrEqual(END_MS - COST_MS_MAX);
      const before = accounts.findLast(({ now_ms }) => now_ms <= from_ms)?.used_ms[0] ?? 0;
      expect(Math.abs(a - before - b)).toBeLessThanOrEqual(slack([width]) + COST_MS_MAX);
    }),
    { numRuns: 60 },
  );
});

test("an engine that hangs with one aggregator's shard does not hold up the others", () => {
  const works = [
    { engine: 0, costs_ms: [END_MS * 2], from_ms: 0, until_ms: END_MS },
    { engine: 1, costs_ms: [100], from_ms: 0, until_ms: END_MS },
  ];
  const { used_ms } = simulate(works, [1, 1], END_MS).at(-1) ?? { used_ms: [] };
  expect(used_ms[1]).toBeGreaterThan(END_MS * 0.9);
});

test("who waits for something else than the engine is not charged for it, and others wait when they are far ahead", () => {
  const shares = new FairShares(LEAD_MS);
  shares.wait("held up", 0);
  shares.enter("held up", 1);
  shares.wait("ahead", 0);
  const turn = shares.enter("ahead", 1);
  shares.begin(turn, 0);
  shares.wait("ahead", 0);
  expect(shares.next(["ahead"], LEAD_MS)).toBe("ahead");
  expect(shares.next(["ahead"], LEAD_MS + 1)).toBeNull();
});

test("who has left is forgotten once nothing of it is in an engine any more", () => {
  const shares = new FairShares(LEAD_MS);
  for (const user of ["a", "b"]) shares.wait(user, 0);
  const turn = shares.enter("a", 1);
  shares.forget("a");
  shares.end(turn, 10_000, 10_000);
  // Whoever comes anew under this name owes nothing.
  shares.wait("a", 10_000);
  expect(shares.next(["a"], 10_000)).toBe("a");
});
