import { expect, test } from "vitest";
import { applyFact } from "./apply-fact.ts";
import { shardRowCount } from "./job-progress.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";

test("a job runs from its first lease and verifies once every shard has an answer", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob] });
  const queued = story.now_ms;
  expect(story.progress).toMatchObject({ state: "queued", timestamps: { queued } });
  story.pass(10).commit(ann, 0, "x");
  expect(story.progress.state).toBe("running");
  story.pass(10).commit(ann, 1, "x");
  expect(story.progress.state).toBe("verifying");
  expect(story.progress.timestamps).toEqual({ queued, running: queued + 10, verifying: queued + 20 });
});

test("an earlier state is never entered again", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  story.commit(ann, 0, "x");
  const { timestamps } = story.progress;
  story.pass(10).ask(bob);
  expect(story.progress).toMatchObject({ state: "verifying", timestamps });
});

test("facts are folded in order, without a gap", () => {
  const { progress, now_ms } = new JobStory();
  expect(() => applyFact(progress, { kind: "canceled" }, 2, now_ms)).toThrow("fact 2 cannot follow fact 0");
});

test("a fact leaves the progress that it is folded into as it was", () => {
  const story = new JobStory({ shards: 3, plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const before = story.progress;
  const copy = structuredClone({ ...before, grants: null });
  story.lease(bob, [1]);
  story.checkAll(() => "x");
  story.commit(bob, 2, "x");
  expect({ ...before, grants: null }).toEqual(copy);
});

test("a job that has ended takes no fact, and says in which state it is", () => {
  const story = new JobStory();
  story.record({ kind: "canceled" });
  expect(() => story.lease(ann, [0])).toThrow('a job that is canceled takes no fact "leased"');
  expect(() => story.recall(ann)).toThrow('a job that is canceled takes no fact "recalled"');
});

test("a fact about a shard that the job does not have is a defect", () => {
  expect(() => new JobStory({ shards: 2 }).lease(ann, [2])).toThrow("there is no shard 2: the job has 2");
});

test("all shards have the planned rows but the last, which has the rest", () => {
  const { plan } = new JobStory({ shards: 3 }).progress;
  expect([0, 1, 2].map((shard) => shardRowCount(plan, shard))).toEqual([10, 10, 5]);
});

test("what is returned without being held changes nothing", () => {
  const story = new JobStory({ shards: 2 });
  story.lease(bob, [0]);
  const { shards, providers } = story.progress;
  story.fail(ann, 0);
  expect(story.progress).toMatchObject({ shards, providers });
});

test("a tally sums what a provider did", () => {
  const story = new JobStory({ shards: 3, plan: audited(), runners: [ann, bob] });
  const leases = story.lease(ann, [1, 2]);
  story.pass(300).answer(leases.map((lease) => ({ lease, says: "x" })));
  story.tryAndFail(ann, 0);
  story.checkAll(() => "x");
  expect(story.progress.providers.get(ann)).toMatchObject({
    shards_committed: 2,
    rows_committed: 15,
    shards_failed: 1,
    shards_expired: 0,
    audits_passed: 2,
    rows_audited: 8,
    audits_made: 0,
    latency_ms_total: 600,
    compute_ms_total: 14,
  });
  expect(story.progress.providers.get(bob)).toMatchObject({ audits_made: 2, audits_passed: 0 });
  const latency = story.progress.providers.get(ann)?.latency;
  expect(latency?.[8]).toBe(2);
});

test("an answer after the lease has ended is as slow as it was", () => {
  const story = new JobStory();
  const leases = story.lease(ann, [0]);
  story.pass(15_000).expire();
  story.pass(5_000).answer(leases.map((lease) => ({ lease, says: "x" })));
  expect(story.progress.providers.get(ann)).toMatchObject({ shards_expired: 1, latency_ms_total: 20_000 });
});
