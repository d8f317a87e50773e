import { expect, test } from "vitest";
import { renderProgress } from "./job-view.ts";
import { refundFor } from "./settlement.ts";
import { groupErrorOf } from "./shard-state.ts";
import { audited, JobStory, RESULT } from "./testing/job-story.ts";
import { endRecall, partOf, TERMS } from "./testing/play-crowd.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, eve, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });
/** Who never check each other. */
const makers = [ann, bob].map((id) => entryOf(id, { groups: ["makers"] }));
const crowd = Array.from({ length: 12 }, (_, n) => sampleRunner(100 + n));

/** A delivered job: ann has answered the shards that are listed, bob the others; `wrong` ones wrongly, unseen. */
function deliver(byAnn: readonly number[], wrong: readonly number[] = [], shards = 4): JobStory {
  const story = new JobStory({ shards, plan: audited(), runners: [...makers, ...crowd, referee] });
  const says = (shard: number): string => (wrong.includes(shard) ? "wrong" : "right");
  for (let shard = 0; shard < shards; shard += 1)
    story.commit(byAnn.includes(shard) ? ann : bob, shard, says(shard));
  return story.checkAll((_, { shard }) => says(shard)).succeed();
}

const revoked = (story: JobStory): readonly number[] | undefined => story.progress.recall?.shards;

test("a recall asks for audits of the convict's answers until four of the network's liars would have to agree on each", () => {
  const story = deliver([0, 2]);
  story.recall(ann).draw();
  expect([0, 1, 2, 3].map((shard) => story.drawn(shard).length)).toEqual([3, 0, 3, 0]);
  story.checkAll(() => "right");
  for (const shard of [0, 2])
    expect(groupErrorOf(story.progress, story.shard(shard))).toBeLessThanOrEqual(0.01);
  expect(story.end()).toEqual({ kind: "recall_over", shards: [] });
});

test("a recall keeps the promise that its job was given", () => {
  const story = new JobStory({ plan: audited(1, 1e-4), runners: [ann, ...crowd, referee] });
  story.commit(ann, 0, "right");
  story
    .checkAll(() => "right")
    .succeed()
    .recall(ann);
  story.checkAll(() => "right");
  expect(groupErrorOf(story.progress, story.shard())).toBeLessThanOrEqual(1e-4);
  expect(story.end()).toEqual({ kind: "recall_over", shards: [] });
});

test("what was right is upheld, and nothing is given back", () => {
  const story = deliver([0, 2])
    .recall(ann)
    .checkAll(() => "right");
  endRecall(story);
  expect(story.progress.recall).toMatchObject({ state: "upheld", shards: [], refund_micro: "0" });
  expect(story.progress.state).toBe("succeeded");
  expect(story.end()).toBeNull();
});

test("what was wrong is computed anew, and revoked for its part of the price", () => {
  const story = deliver([0, 2], [2])
    .recall(ann)
    .checkAll(() => "right");
  expect(story.shard(2)).toMatchObject({
    answer: null,
    past: [{ why: "convicted", answer: { runner: ann } }],
  });
  expect(story.end()).toBeNull();
  expect(story.ask(eve)).toMatchObject([{ shard: 2, role: "compute" }]);
  story.commit(bob, 2, "right");
  story.checkAll(() => "right");
  expect(story.end()).toEqual({ kind: "recall_over", shards: [2] });
  endRecall(story);
  expect(story.progress.recall).toMatchObject({
    state: "revoked",
    shards: [2],
    refund_micro: partOf(story, [2]).toString(),
  });
  expect(story.shard(2).delivered).toMatchObject({ runner: bob });
});

test("a new answer in a recall is audited like any other, up to the bound", () => {
  const story = new JobStory({ plan: audited(1, 1e-3), runners: [ann, ...crowd, referee] });
  story.commit(ann, 0, "wrong");
  story
    .checkAll(() => "wrong")
    .succeed()
    .recall(ann)
    .checkAll(() => "right");
  story.setRunners([entryOf(dan, { passed: 0 }), ...crowd, referee]).commit(dan, 0, "right");
  expect(story.drawn(0)).toHaveLength(2);
  for (const runner of story.drawn(0)) story.check(runner, "right");
  expect(story.end()).toBeNull();
  story.checkAll(() => "right");
  expect(groupErrorOf(story.progress, story.shard(0))).toBeLessThanOrEqual(1e-3);
  expect(story.end()).toEqual({ kind: "recall_over", shards: [0] });
});

test("a wrong new answer convicts its maker as in any job", () => {
  const story = deliver([0], [0])
    .recall(ann)
    .checkAll(() => "right");
  story.commit(bob, 0, "wrong again");
  story.checkAll(() => "right");
  expect(story.progress.convicted).toEqual(new Set([ann, bob]));
  expect(story.shard(0).answer).toBeNull();
});

test("an auditor that is convicted elsewhere takes its audits with it, and what it agreed to is audited again", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob] });
  for (const shard of [0, 1]) story.commit(ann, shard, "right");
  story.checkAll(() => "right").succeed();
  story.setRunners([ann, bob, cid, referee]).recall(bob).draw();
  expect([0, 1].map((shard) => story.drawn(shard))).toEqual([[cid], [cid]]);
  story.checkAll(() => "right");
  expect(story.end()).toEqual({ kind: "recall_over", shards: [] });
});

test("what was delivered by others is not in question", () => {
  const story = deliver([0]).recall(ann);
  story.checkAll(() => "right");
  const audits = [1, 2, 3].map((shard) => story.shard(shard).checks.length);
  expect(audits).toEqual([1, 1, 1]);
});

test("whoever is convicted in the recall has its own deliveries put in question too", () => {
  const story = deliver([0], [0, 1, 2]).recall(ann);
  story.checkAll(() => "right");
  story.commit(bob, 0, "wrong too");
  story.checkAll(() => "right");
  expect(story.progress.convicted).toEqual(new Set([ann, bob]));
  expect(story.stands(1)).toBe("wrong");
  story.commit(eve, 0, "right");
  story.checkAll(() => "right");
  expect([1, 2, 3].map((shard) => story.stands(shard))).toEqual([null, null, "right"]);
  for (const shard of [1, 2]) story.commit(eve, shard, "right");
  story.checkAll(() => "right");
  expect(story.end()).toEqual({ kind: "recall_over", shards: [0, 1, 2] });
});

test("a thorough recall computes everything anew that the convict delivered", () => {
  const story = deliver([0, 2]);
  story.recall(ann, true);
  expect([0, 1, 2, 3].map((shard) => story.shard(shard).answer === null)).toEqual([true, false, true, false]);
  story.commit(bob, 0, "right");
  story.commit(bob, 2, "right!");
  story.checkAll((_, { shard }) => (shard === 2 ? "right!" : "right"));
  expect(story.end()).toEqual({ kind: "recall_over", shards: [2] });
});

test("where nobody is left to audit a convict's answer it is computed anew", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  story.commit(ann, 0, "right");
  story
    .checkAll(() => "right")
    .succeed()
    .recall(ann);
  expect(story.draw()).toMatchObject({ kind: "drawn", reopened: [0] });
  expect(story.shard().past).toMatchObject([{ why: "recalled" }]);
  story.commit(bob, 0, "right");
  story.setRunners([ann, bob, cid]).checkAll(() => "right");
  expect(story.end()).toEqual({ kind: "recall_over", shards: [] });
});

test("where nobody is left to reach the bound with, as many audits as the plan says are enough in a recall", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "wrong");
  story
    .checkAll(() => "wrong")
    .succeed()
    .recall(ann, true);
  story.setRunners([entryOf(bob, { passed: 0 }), cid]).commit(bob, 0, "right");
  story.checkAll(() => "right");
  expect(story.shard().draws.at(-1)).toMatchObject({ runners: [], wanted: 1 });
  expect(story.end()).toEqual({ kind: "recall_over", shards: [0] });
});

test("a second recall comes on top of the first, and what was revoked stays so", () => {
  const story = deliver([0], [0, 1])
    .recall(ann)
    .checkAll(() => "right");
  story.commit(eve, 0, "right");
  story.checkAll((_, { shard }) => (shard === 0 ? "right" : "wrong"));
  endRecall(story);
  const first = BigInt(story.progress.recall?.refund_micro ?? 0);
  story.recall(bob).checkAll(() => "right");
  story.commit(eve, 1, "right");
  story.checkAll(() => "right");
  endRecall(story);
  expect(revoked(story)).toEqual([0, 1]);
  const both = BigInt(story.progress.recall?.refund_micro ?? 0);
  expect(first).toBe(partOf(story, [0]));
  expect(both).toBe(partOf(story, [0, 1]));
  story.recall(cid).checkAll(() => "right");
  endRecall(story);
  expect(story.progress.recall).toMatchObject({
    state: "revoked",
    shards: [0, 1],
    refund_micro: both.toString(),
  });
});

test("refunds together are never more than the price", () => {
  const story = deliver([0, 1, 2, 3], [0, 1, 2, 3]).recall(ann);
  expect(refundFor(story.progress, TERMS, [0, 1, 2, 3])).toBe(BigInt(TERMS.quoted_micro));
});

test("a second recall while the first goes on is part of it", () => {
  const story = deliver([0]).recall(ann);
  story.recall(bob).checkAll(() => "right");
  expect(story.progress.recall?.state).toBe("checking");
  expect(story.end()).toEqual({ kind: "recall_over", shards: [] });
});

test("a recalled job stays succeeded all the time, and its progress can be read", () => {
  const story = deliver([0], [0]).recall(ann);
  expect(story.progress.state).toBe("succeeded");
  expect(renderProgress(story.progress)).toMatchObject({
    shards: 4,
    shards_committed: 4,
    shards_accepted: 3,
  });
  story.checkAll(() => "right");
  expect(renderProgress(story.progress)).toMatchObject({ shards_committed: 3, shards_accepted: 3 });
});

test("only a job that has succeeded is recalled, and only a recall is upheld or revoked", () => {
  const running = new JobStory();
  expect(() => running.recall(ann)).toThrow('a job that is queued takes no fact "recalled"');
  const story = deliver([0]);
  expect(() => story.record({ kind: "upheld" })).toThrow("takes no fact");
  expect(() => story.record({ kind: "revoked", shards: [0], result: RESULT, refund_micro: "1" })).toThrow(
    "takes no fact",
  );
});

test("a runner's late answer from before the end is no answer to the recall", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid, dan] });
  const [late] = story.lease(eve, [0]);
  story.commit(ann, 0, "right");
  story.checkAll(() => "right").succeed();
  if (late) expect(story.answer([{ lease: late, says: "x" }])).toMatchObject([{ kind: "late" }]);
});
