import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { chooseTest } from "./probe-rules.ts";
import { audited, JobStory, type StoryLease } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, eve, ref, VETERAN } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });

/** A job in which ann has answered the first half of the shards, and others have checked them. */
function startHalf(shards = 20, plan = audited()): JobStory {
  const story = new JobStory({ shards, plan, runners: [ann, bob, cid, referee] });
  for (let shard = 0; shard < shards / 2; shard += 1) story.commit(ann, shard, `x${shard}`);
  return story.checkAll((_, { shard }) => `x${shard}`);
}

/** What a runner is tested with at a chance, when it is about to get so many shards. */
const choose = (
  story: JobStory,
  runner: typeof ann,
  chance: number,
  leases = 1,
  passed = VETERAN,
): Task | null => chooseTest(story.progress, { runner, passed, chance }, leases);

const CERTAIN = 0;
const isTest = ({ role }: Task): boolean => role === "probe" || role === "plant";

/** Has eve take leases until one of them is a test. */
function takeTest(story: JobStory, role: Task["role"]): StoryLease {
  const chance = role === "probe" ? 0.001 : 0.006;
  const found = story.ask(eve, { leases_max: 1, chance }).find((lease) => lease.role === role);
  return found ?? expect.fail(`eve gets a ${role}`);
}

test("of what an old hand gets one in two hundred is a probe, of what a new one gets one in fifty, and half as many are plants", () => {
  const story = startHalf();
  const count = (passed: number, leases: number, role: Task["role"]): number => {
    let found = 0;
    for (let n = 0; n < 10_000; n += 1)
      if (choose(story, eve, n / 10_000, leases, passed)?.role === role) found += 1;
    return found / 10_000 / leases;
  };
  for (const leases of [1, 4, 16]) {
    expect(count(VETERAN, leases, "probe")).toBeCloseTo(LIMITS.probe_share, 3);
    expect(count(VETERAN, leases, "plant")).toBeCloseTo(LIMITS.probe_share / 2, 3);
    expect(count(0, leases, "probe")).toBeCloseTo(LIMITS.probe_share_probation, 3);
  }
});

test("nothing is tested in a job that asked for no checks", () => {
  const story = new JobStory({ shards: 4 });
  story.commit(ann, 0, "x");
  expect(choose(story, eve, CERTAIN)).toBeNull();
});

test("a test has an answer that others have checked", () => {
  const story = new JobStory({ shards: 4, plan: audited(), runners: [ann, bob] });
  expect(choose(story, eve, CERTAIN)).toBeNull();
  story.commit(ann, 2, "x");
  expect(choose(story, eve, CERTAIN)).toBeNull();
  story.check(bob, "x");
  expect(choose(story, eve, CERTAIN)).toEqual({ shard: 2, role: "probe", of: null });
});

test("nobody is tested with what it has ever been given, be it as another's check or a lease that it lost", () => {
  const story = startHalf(2);
  expect(choose(story, ann, CERTAIN)).toBeNull();
  const [auditor] = story.shard(0).checks.map(({ runner }) => runner);
  if (auditor) expect(choose(story, auditor, CERTAIN)).toBeNull();
  const other = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob, cid] });
  other.lease(dan, [0]);
  other.handBack(dan, [0]);
  other.commit(ann, 0, "x");
  other.checkAll(() => "x");
  expect(choose(other, dan, CERTAIN)).toBeNull();
  expect(choose(other, eve, CERTAIN)).not.toBeNull();
});

test("nobody is tested with an answer of its own group", () => {
  const owned = [ann, eve].map((id) => entryOf(id, { groups: ["owner"] }));
  const story = new JobStory({ shards: 2, plan: audited(), runners: [...owned, bob] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x");
  expect(choose(story, eve, CERTAIN)).toBeNull();
  expect(choose(story, dan, CERTAIN)).not.toBeNull();
});

test("a probe looks like a shard to compute: whole, in row order among the others, and as many as there would be", () => {
  const story = startHalf(100);
  let tests = 0;
  let places = 0;
  for (let n = 0; n < 400; n += 1) {
    const tasks = story.decide(eve, { leases_max: 4, chance: (n + 0.5) / 20_000 });
    expect(tasks).toHaveLength(4);
    const at = tasks.findIndex(isTest);
    expect(tasks.map(({ shard }) => shard)).toEqual(
      [...tasks.map(({ shard }) => shard)].sort((a, b) => a - b),
    );
    if (at < 0) continue;
    tests += 1;
    places += Number(at === tasks.length - 1);
  }
  expect(tests).toBe(400);
  expect(places).toBeLessThan(400);
  const probe = takeTest(startHalf(), "probe");
  const [compute] = startHalf().lease(eve, [15]);
  expect(Object.keys(probe).sort()).toEqual(Object.keys(compute ?? {}).sort());
  expect(startHalf().rowsOf(probe)).toHaveLength(10);
});

test("a plant looks like an audit: as many rows of the shard, drawn like an auditor's", () => {
  const story = startHalf();
  const plant = takeTest(story, "plant");
  const rows = story.rowsOf(plant);
  expect(rows).toHaveLength(4);
  expect(new Set(rows).size).toBe(4);
  const [audit] = story.shard(plant.shard).checks;
  expect(audit?.role).toBe("audit");
  expect(audit?.answer?.rows).toBe(4);
});

test("a right answer to a test speaks for who gave it, and adds no audit to the shard", () => {
  for (const role of ["probe", "plant"] as const) {
    const story = startHalf();
    const lease = takeTest(story, role);
    story.answer([{ lease, says: `x${lease.shard}` }]);
    const rows = role === "probe" ? 10 : 4;
    expect(story.progress.providers.get(eve)).toMatchObject({ audits_passed: 1, rows_audited: rows });
    const audits = story.shard(lease.shard).checks.filter((check) => check.role === "audit");
    expect(audits).toHaveLength(1);
  }
});

test("a wrong answer to a test goes to a referee like any disagreement, and convicts who is wrong", () => {
  for (const role of ["probe", "plant"] as const) {
    const story = startHalf();
    const lease = takeTest(story, role);
    story.answer([{ lease, says: "wrong" }]);
    expect(story.progress.convicted.size).toBe(0);
    story.draw();
    story.check(ref, `x${lease.shard}`);
    expect([...story.progress.convicted]).toEqual([eve]);
    expect(story.stands(lease.shard)).toBe(`x${lease.shard}`);
  }
});

test("a test can also show that what stood was wrong", () => {
  const story = startHalf();
  const lease = takeTest(story, "probe");
  story.answer([{ lease, says: "right" }]);
  story.draw();
  story.check(ref, "right");
  expect([...story.progress.convicted]).toEqual([ann]);
  expect(story.shard(lease.shard).answer).toBeNull();
});

test("a job does not wait for its tests, but for the disagreements that they raise", () => {
  const story = startHalf(4);
  story.setRunners([ann, bob, cid, referee]);
  const waiting = takeTest(story, "probe");
  const raising = startHalf(4);
  const lease = takeTest(raising, "probe");
  raising.answer([{ lease, says: "wrong" }]);
  for (const one of [story, raising]) {
    for (const shard of [2, 3]) one.commit(bob, shard, `x${shard}`);
    for (const runner of [ann, cid]) one.check(runner, ({ shard }) => `x${shard}`);
  }
  expect(story.end()).toEqual({ kind: "complete" });
  expect(raising.end()).toBeNull();
  expect(story.answer([{ lease: waiting, says: `x${waiting.shard}` }])).toMatchObject([{ kind: "wanted" }]);
});

test("shards are tested that lie anywhere in the job", () => {
  const story = startHalf(200);
  const seen = new Set<number>();
  for (let n = 0; n < 1_000; n += 1) {
    const test = choose(story, sampleRunner(500), (n + 0.5) / 200_000);
    if (test?.role === "probe") seen.add(test.shard);
  }
  expect(seen.size).toBe(100);
});
