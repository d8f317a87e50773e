import { LeaseId } from "@infernet/schemas/ids";
import { expect, test } from "vitest";
import { JobStory, type StoryLease } from "./testing/job-story.ts";
import { ann, bob, cid, dan, eve } from "./testing/sample-runners.ts";

function leaseOne(story: JobStory, runner: typeof ann, shard = 0): StoryLease {
  const [lease] = story.lease(runner, [shard]);
  if (lease === undefined) throw new Error("a lease was asked for");
  return lease;
}
const answer = (story: JobStory, lease: StoryLease, says: string) => story.answer([{ lease, says }])[0];

test("without a quorum the first answer stands", () => {
  const story = new JobStory();
  expect(story.commit(ann, 0, "x")).toEqual({ kind: "wanted" });
  expect(story.progress.shards[0]).toMatchObject({ accepted: ann, disputed: false, leases: [] });
});

test("an answer sent again is a duplicate, also after the job has ended", () => {
  const story = new JobStory({ shards: 2 });
  const lease = leaseOne(story, ann);
  answer(story, lease, "x");
  const duplicate = { kind: "duplicate", why: "shard 0 has this runner's answer already" };
  expect(answer(story, lease, "y")).toEqual(duplicate);
  story.record({ kind: "canceled" });
  expect(answer(story, lease, "x")).toEqual(duplicate);
  expect(story.progress.shards[0]?.commitments).toHaveLength(1);
});

test("an answer whose lease ended is taken while the shard still needs one", () => {
  const story = new JobStory();
  const lease = leaseOne(story, ann);
  story.pass(15_000).expire();
  leaseOne(story, bob);
  expect(answer(story, lease, "x")).toEqual({ kind: "wanted" });
  expect(story.progress.shards[0]).toMatchObject({ accepted: ann, leases: [] });
});

test("an answer to a shard that was decided before is late", () => {
  const story = new JobStory({ shards: 2 });
  const lease = leaseOne(story, ann);
  story.pass(15_000).expire();
  story.commit(bob, 0, "x");
  expect(answer(story, lease, "x")).toEqual({ kind: "late", why: "shard 0 was decided before" });
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

test("who was leased a shard in the very millisecond before the first answer to it is late", () => {
  const story = new JobStory({ replicas: 2 });
  const first = leaseOne(story, ann);
  const hedge = leaseOne(story, bob);
  answer(story, first, "x");
  expect(answer(story, hedge, "x")).toMatchObject({ kind: "late" });
});

test("two providers that agree decide a shard: the first of them stands", () => {
  const story = new JobStory({ replicas: 2 });
  story.commit(ann, 0, "x");
  expect(story.progress.shards[0]?.accepted).toBeNull();
  story.commit(bob, 0, "x");
  expect(story.progress.shards[0]).toMatchObject({ accepted: ann, disputed: false });
  expect(story.facts.at(-1)?.fact).toMatchObject({
    verdicts: [{ shard: 0, accepted: ann, agreed: [ann, bob], outvoted: [] }],
  });
});

test("a third provider decides between two that disagree, and the loser is marked", () => {
  const story = new JobStory({ replicas: 2 });
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  expect(story.progress.shards[0]).toMatchObject({ accepted: null, disputed: true });
  story.commit(cid, 0, "right");
  expect(story.progress.shards[0]?.accepted).toBe(bob);
  expect([...story.progress.convicted]).toEqual([ann]);
  expect(story.progress.providers.get(ann)).toMatchObject({ shards_outvoted: 1, shards_agreed: 0 });
});

test("a quorum of three wants three that agree and marks everybody else", () => {
  const story = new JobStory({ replicas: 3 });
  for (const [runner, says] of [
    [ann, "x"],
    [bob, "wrong"],
    [cid, "x"],
    [dan, "off"],
  ] as const) {
    story.commit(runner, 0, says);
    expect(story.progress.shards[0]?.accepted).toBeNull();
  }
  story.commit(eve, 0, "x");
  expect(story.progress.shards[0]?.accepted).toBe(ann);
  expect([...story.progress.convicted]).toEqual([bob, dan]);
});

test("an outvoted provider's later answers are late", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  const other = leaseOne(story, ann, 1);
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  story.commit(cid, 0, "right");
  const why = "a quorum has outvoted this runner in this job";
  expect(answer(story, other, "x")).toEqual({ kind: "late", why });
});

test("several shards handed in together are one fact", () => {
  const story = new JobStory({ shards: 3 });
  const leases = story.lease(ann, [0, 1, 2]);
  story.answer(leases.map((lease) => ({ lease, says: "x" })));
  expect(story.facts).toHaveLength(2);
  expect(story.progress.shards.map((shard) => shard.accepted)).toEqual([ann, ann, ann]);
});
