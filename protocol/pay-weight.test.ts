import { expect, test } from "vitest";
import { payWeights } from "./pay-weight.ts";
import { JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan, entryOf } from "./testing/sample-runners.ts";

/** Each answers one shard, after so many ms. */
function paced(latencies: ReadonlyMap<typeof ann, number>): JobStory {
  const story = new JobStory({ shards: latencies.size, lease_ms: 3_600_000 });
  for (const [n, [runner, latency_ms]] of [...latencies].entries()) {
    const leases = story.lease(runner, [n]);
    story.pass(latency_ms).answer(leases.map((lease) => ({ lease, says: "x" })));
  }
  return story;
}

test("who takes twice as long as its neighbours gets half the premium for speed, and nobody gets more than all of it", () => {
  const { progress } = paced(
    new Map([
      [ann, 100],
      [bob, 400],
      [cid, 800],
    ]),
  );
  const weights = payWeights(progress, [ann, bob, cid]);
  expect([...weights.values()]).toEqual([9_000, 9_000, 8_500]);
});

test("a good name is worth a tenth, and a new one nothing", () => {
  const runners = [entryOf(ann, { passed: 1_000_000 }), entryOf(bob, { passed: 0 })];
  const story = new JobStory({ shards: 2, plan: { ...CHECKED }, runners });
  story.commit(dan, 0, "x");
  const weights = payWeights(story.progress, [ann, bob]);
  expect([...weights.values()]).toEqual([10_000, 9_000]);
});

test("who only checks others is as fast as the job", () => {
  const { progress } = paced(
    new Map([
      [ann, 100],
      [bob, 800],
    ]),
  );
  expect(payWeights(progress, [dan]).get(dan)).toBe(9_000);
});

const CHECKED = { mode: "audit", auditors: 1, audit_rows: 4, error_max: null } as const;
