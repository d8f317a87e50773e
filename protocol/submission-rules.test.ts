import { LeaseId } from "@infernet/schemas/ids";
import { expect, test } from "vitest";
import { audited, JobStory, type StoryLease } from "./testing/job-story.ts";
import { ann, bob, cid, dan, entryOf, eve, ref } from "./testing/sample-runners.ts";

function leaseOne(story: JobStory, runner: typeof ann, shard = 0): StoryLease {
  const [lease] = story.lease(runner, [shard]);
  if (lease === undefined) throw new Error("a lease was asked for");
  return lease;
}
const answer = (story: JobStory, lease: StoryLease, says: string) => story.answer([{ lease, says }])[0];
const referee = entryOf(ref, { referee: true });

/** An answer of ann's, and the check that whoever was drawn for it has taken. */
function takeCheck(story: JobStory): StoryLease {
  story.commit(ann, 0, "x");
  const [drawn] = story.drawn();
  const [check] = drawn === undefined ? [] : story.ask(drawn);
  if (check === undefined) throw new Error("somebody was drawn");
  return check;
}

test("without checks the first answer stands", () => {
  const story = new JobStory();
  expect(story.commit(ann, 0, "x")).toMatchObject({ kind: "wanted", task: { role: "compute" } });
  expect(story.shard()).toMatchObject({ answer: { runner: ann }, leases: [] });
  expect(story.end()).toEqual({ kind: "complete" });
});

test("an answer sent again is a duplicate, also after the job has ended", () => {
  const story = new JobStory({ shards: 2 });
  const lease = leaseOne(story, ann);
  answer(story, lease, "x");
  const duplicate = { kind: "duplicate", why: "shard 0 has this runner's answer already" };
  expect(answer(story, lease, "y")).toEqual(duplicate);
  story.record({ kind: "canceled" });
  expect(answer(story, lease, "x")).toEqual(duplicate);
  expect(story.stands()).toBe("x");
});

test("an answer whose lease ended is taken while the shard still needs one", () => {
  const story = new JobStory();
  const lease = leaseOne(story, ann);
  story.pass(15_000).expire();
  leaseOne(story, bob);
  expect(answer(story, lease, "x")).toMatchObject({ kind: "wanted" });
  expect(story.shard()).toMatchObject({ answer: { runner: ann }, leases: [] });
});

test("an answer after another one is late", () => {
  const story = new JobStory({ shards: 2 });
  const lease = leaseOne(story, ann);
  story.pass(15_000).expire();
  story.commit(bob, 0, "x");
  expect(answer(story, lease, "x")).toEqual({ kind: "late", why: "another answer to shard 0 came first" });
});

test("an answer to a job that has ended is late, and says how it ended", () => {
  const story = new JobStory();
  const lease = leaseOne(story, ann);
  story.record({ kind: "canceled" });
  expect(answer(story, lease, "x")).toEqual({ kind: "late", why: "the job is canceled" });
});

test("an answer under no lease, another's lease or another shard's lease is unknown", () => {
  const story = new JobStory({ shards: 2 });
  const lease = leaseOne(story, ann);
  const invented = LeaseId.parse(`lease_001_${"f".repeat(32)}_0`);
  const beyond = LeaseId.parse(lease.id.replace(/_0$/, "_7"));
  for (const wrong of [{ runner: bob }, { shard: 1 }, { id: invented }, { id: beyond }]) {
    const claim = { ...lease, ...wrong };
    const why = `${claim.id} does not give shard ${claim.shard} to ${claim.runner}`;
    expect(answer(story, claim, "x")).toEqual({ kind: "unknown", why });
  }
});

test("several shards handed in together are one fact", () => {
  const story = new JobStory({ shards: 3 });
  const leases = story.lease(ann, [0, 1, 2]);
  story.answer(leases.map((lease) => ({ lease, says: "x" })));
  expect(story.facts).toHaveLength(2);
  expect(story.progress.shards.map((shard) => shard.answer?.runner)).toEqual([ann, ann, ann]);
});

test("a hedge is no check: whoever computed beside the answer's maker cannot vouch for it", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, cid] });
  const first = leaseOne(story, ann);
  const hedge = leaseOne(story, bob);
  answer(story, first, "x");
  expect(answer(story, hedge, "x")).toMatchObject({ kind: "late" });
  expect(story.shard().checks).toMatchObject([{ runner: cid, state: "drawn" }]);
});

test("a check is taken from the runner that it was given to, once", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  const check = takeCheck(story);
  expect(answer(story, check, "x")).toEqual({ kind: "wanted", task: { shard: 0, role: "audit", of: null } });
  expect(answer(story, check, "x")).toMatchObject({ kind: "duplicate" });
});

test("a check that lost its lease still counts while nobody was drawn in its place", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  const check = takeCheck(story);
  story.pass(15_000).expire();
  expect(answer(story, check, "x")).toMatchObject({ kind: "wanted" });
  expect(story.end()).toEqual({ kind: "complete" });
});

test("a check under an earlier lease is late when its maker was drawn again, for other rows", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  const check = takeCheck(story);
  story.pass(15_000).expire();
  story.draw();
  expect(story.drawn()).toEqual([bob]);
  expect(answer(story, check, "x")).toEqual({ kind: "late", why: "what it was to check is decided" });
});

test("a check of an answer that has fallen is late", () => {
  const story = new JobStory({ plan: audited(2), runners: [ann, bob, cid, referee] });
  story.commit(ann, 0, "wrong");
  const [slow] = story.ask(cid);
  story.check(bob, "x");
  story.draw();
  story.check(ref, "x");
  expect(story.shard().answer).toBeNull();
  if (slow) expect(answer(story, slow, "x")).toMatchObject({ kind: "late" });
});

test("a check that was passed over counts even when somebody else was drawn in its place", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  const check = takeCheck(story);
  story.pass(15_001).draw();
  expect(story.drawn()).toEqual([check.runner === bob ? cid : bob]);
  expect(answer(story, check, "x")).toMatchObject({ kind: "wanted" });
  expect(story.end()).toEqual({ kind: "complete" });
});

test("a check that was passed over is late when one of its own group was drawn in its place", () => {
  const grouped = [bob, cid].map((id) => entryOf(id, { groups: ["owner"] }));
  const story = new JobStory({ plan: audited(), runners: [ann, ...grouped] });
  const check = takeCheck(story);
  story.pass(15_001).draw();
  expect(story.drawn()).toEqual([check.runner === bob ? cid : bob]);
  const why = "another runner of its group was drawn in its place";
  expect(answer(story, check, "x")).toEqual({ kind: "late", why });
});

test("whose answer to a shard was set aside does not answer it again under an older lease", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, referee] });
  const older = leaseOne(story, ann);
  story.pass(15_000).expire();
  story.commit(ann, 0, "x+2");
  story.checkAll(() => "x");
  expect(story.shard().past).toMatchObject([{ why: "set_aside" }]);
  const why = "an answer of this runner to shard 0 was set aside";
  expect(answer(story, older, "x")).toEqual({ kind: "late", why });
});

test("whatever the convicted hand in later is late", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, dan, eve, referee] });
  const other = leaseOne(story, ann, 1);
  story.commit(ann, 0, "wrong");
  story.checkAll(() => "right");
  const why = "this runner was found wrong in this job";
  expect(answer(story, other, "right")).toEqual({ kind: "late", why });
});
