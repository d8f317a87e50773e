import type { VerificationPlan } from "@infernet/schemas/verification";
import { expect, test } from "vitest";
import { listDrawRequests } from "./draw-rules.ts";
import { decideDrawn } from "./drawn-fact.ts";
import { groupErrorOf } from "./shard-state.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, entryOf, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });
const crowd = Array.from({ length: 15 }, (_, n) => sampleRunner(100 + n));
const errors = ({ progress }: JobStory): number[] =>
  progress.shards.map((shard) => groupErrorOf(progress, shard) ?? 1);
const auditsOf = (story: JobStory): number[] =>
  story.progress.shards.map(({ checks }) => checks.filter(({ role }) => role === "audit").length);

test("more audits than at least are drawn only when every shard has those, and then all at once", () => {
  const story = new JobStory({ shards: 3, plan: audited(1, 1e-3), runners: [ann, ...crowd] });
  for (const shard of [0, 1]) story.commit(ann, shard, "x");
  for (const runner of [0, 1].flatMap((shard) => story.drawn(shard))) story.check(runner, "x");
  expect(listDrawRequests(story.progress)).toEqual([]);
  story.commit(ann, 2, "x");
  expect(listDrawRequests(story.progress)).toEqual([]);
  for (const runner of story.drawn(2)) story.check(runner, "x");
  expect(errors(story).every((error) => error <= 1e-3)).toBe(true);
  expect(story.end()).toEqual({ kind: "complete" });
});

test("of those whose makers are less known more is asked, until every shard is within the bound", () => {
  const runners = [entryOf(ann, { passed: 20 }), entryOf(bob, { passed: 5_000 }), ...crowd];
  const story = new JobStory({ shards: 2, plan: audited(1, 1e-4), runners });
  story.commit(ann, 0, "x");
  story.commit(bob, 1, "x");
  for (const runner of [0, 1].flatMap((shard) => story.drawn(shard))) story.check(runner, "x");
  expect(story.end()).toBeNull();
  expect(listDrawRequests(story.progress)).toMatchObject([
    { shard: 0, purpose: "audit", count: 3, wanted: 4 },
  ]);
  story.checkAll(() => "x");
  expect(auditsOf(story)).toEqual([4, 1]);
  expect(errors(story).every((error) => error <= 1e-4)).toBe(true);
  expect(story.end()).toEqual({ kind: "complete" });
});

test("audits passed in the job itself make more of them needless", () => {
  const shards = 40;
  const story = new JobStory({
    shards,
    plan: audited(2, 1e-4),
    runners: [entryOf(ann, { passed: 20 }), ...crowd],
  });
  for (let shard = 0; shard < shards; shard += 1) story.commit(ann, shard, "x");
  story.checkAll(() => "x");
  expect(story.end()).toEqual({ kind: "complete" });
  expect(Math.max(...auditsOf(story))).toBe(3);
  expect(errors(story).every((error) => error <= 1e-4)).toBe(true);
});

test("a maker that has become better known meanwhile needs no more audits: the roster that says so is all the news", () => {
  const story = new JobStory({ plan: audited(1, 1e-3), runners: [entryOf(ann, { passed: 20 }), ...crowd] });
  story.commit(ann, 0, "x");
  for (const runner of story.drawn(0)) story.check(runner, "x");
  expect(listDrawRequests(story.progress)).toHaveLength(1);
  story.setRunners([entryOf(ann, { passed: 5_000 }), ...crowd]);
  const fact = decideDrawn(story.progress, story.source, story.now_ms);
  expect(fact).toMatchObject({ draws: [], skipped: [], rosters: [story.source.roster] });
  story.record(fact ?? expect.fail("nothing to record"));
  expect(auditsOf(story)).toEqual([1]);
  expect(story.end()).toEqual({ kind: "complete" });
  expect(decideDrawn(story.progress, story.source, story.now_ms)).toBeNull();
});

test("a conviction raises what the others have to show, as far as their audits were the convict's", () => {
  const story = new JobStory({ shards: 2, plan: audited(1, 0.02), runners: [ann, bob, ...crowd, referee] });
  story.setRunners([ann, bob]).commit(ann, 0, "x");
  story.check(bob, "x");
  const before = errors(story)[0] ?? 0;
  story.setRunners([ann, bob, ...crowd, referee]).commit(bob, 1, "wrong");
  for (const runner of story.drawn(1)) story.check(runner, "right");
  story.draw();
  story.check(ref, "right");
  expect(errors(story)[0]).toBeGreaterThan(before);
  story.commit(ann, 1, "right");
  story.checkAll((_, { shard }) => (shard === 0 ? "x" : "right"));
  expect(story.end()).toEqual({ kind: "complete" });
});

test("without a bound the least is enough, whoever the makers are", () => {
  const story = new JobStory({ plan: audited(1), runners: [entryOf(ann, { passed: 20 }), ...crowd] });
  story.commit(ann, 0, "x");
  for (const runner of story.drawn()) story.check(runner, "x");
  expect(story.draw()).toBeNull();
  expect(story.end()).toEqual({ kind: "complete" });
});

test("a promise that the network cannot keep is not called kept", () => {
  const story = new JobStory({ plan: audited(1, 1e-4), runners: [entryOf(ann, { passed: 0 }), bob] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x");
  expect(story.end()).toBeNull();
  expect(story.pass(3_600_000).end()).toMatchObject({ kind: "expired" });
});

const quorum: VerificationPlan = { mode: "quorum", auditors: 2, audit_rows: 10, error_max: null };

test("a quorum is audits of every row, drawn as late as any other", () => {
  const story = new JobStory({ plan: quorum, runners: [ann, ...crowd] });
  const [lease] = story.lease(ann, [0]);
  expect(story.shard().checks).toEqual([]);
  if (lease) story.answer([{ lease, says: "x" }]);
  const [first, second] = story.drawn();
  const [check] = first === undefined ? [] : story.ask(first);
  expect(check && story.rowsOf(check)).toEqual([0, 1, 2, 3, 4]);
  if (check) story.answer([{ lease: check, says: "x" }]);
  expect(story.end()).toBeNull();
  if (second) story.check(second, "x");
  expect(story.end()).toEqual({ kind: "complete" });
});

test("who computes a quorum's shard a second time cannot tell its lease from one for a shard", () => {
  const story = new JobStory({ shards: 2, plan: quorum, runners: [ann, ...crowd] });
  story.commit(ann, 0, "x");
  const [first] = story.drawn();
  const [check] = first === undefined ? [] : story.ask(first, { leases_max: 1 });
  const [compute] = story.lease(ann, [1]);
  expect(check && story.rowsOf(check)).toHaveLength(10);
  expect(Object.keys(check ?? {}).sort()).toEqual(Object.keys(compute ?? {}).sort());
});
