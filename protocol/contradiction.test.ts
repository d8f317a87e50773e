import { expect, test } from "vitest";
import { contextOf, findContradiction, type Repeat } from "./contradiction-rules.ts";
import { isOpen } from "./job-progress.ts";
import { audited, JobStory, type StoryLease, type StoryOptions } from "./testing/job-story.ts";
import { ann, bob, cid, entryOf, ref } from "./testing/sample-runners.ts";
import { sampleTerms } from "./testing/sample-terms.ts";
import { renderConvictions, renderWorkEvents } from "./work-event.ts";

const referee = entryOf(ref, { referee: true });
const start = (options: StoryOptions = {}): JobStory =>
  new JobStory({ shards: 3, plan: audited(), runners: [ann, bob, cid, referee], ...options });

/** Ann has answered all shards, and nobody has checked them. */
function answered(options: StoryOptions = {}): { story: JobStory; leases: StoryLease[]; first: StoryLease } {
  const story = start(options);
  const leases = story.lease(ann, [0, 1, 2]);
  story.answer(leases.map((lease) => ({ lease, says: "x" })));
  const [first] = leases;
  if (first === undefined) throw new Error("no lease was given");
  return { story, leases, first };
}

/** The answer to a lease as its runner would hand it in again. */
function repeatOf(story: JobStory, { shard, id: lease_id }: StoryLease): Repeat {
  const { answer } = story.shard(shard);
  if (answer === null) throw new Error("there is no answer");
  const { root, signature, leaf_rows, execution_class } = answer;
  return { shard, lease_id, root, signature, leaf_rows, execution_class };
}

const OTHER_ROOT = "f".repeat(64) as Repeat["root"];

test("another root for the same lease is a contradiction, and the first root again is none", () => {
  const { story, first } = answered();
  const repeat = repeatOf(story, first);
  expect(findContradiction(story.progress, ann, repeat)).toBeNull();
  expect(findContradiction(story.progress, ann, { ...repeat, root: OTHER_ROOT })).toMatchObject({
    ...{ kind: "contradicted", runner: ann, shard: 0, lease_id: first.id, rows: 10, leaf_rows: 1 },
    first: { root: repeat.root, signature: repeat.signature },
    second: { root: OTHER_ROOT, signature: repeat.signature },
  });
});

test("a commitment to something else contradicts nothing, nor does another runner's or one to an unanswered lease", () => {
  const { story, first } = answered();
  const repeat = { ...repeatOf(story, first), root: OTHER_ROOT };
  const none = (runner: typeof ann, changes: Partial<Repeat>) =>
    expect(findContradiction(story.progress, runner, { ...repeat, ...changes })).toBeNull();
  none(ann, { leaf_rows: 2 });
  none(ann, { execution_class: "onnx/1.31.0/cpu/fp32" });
  none(bob, {});
  none(ann, { shard: 1 });
  none(ann, { lease_id: first.id.replace(/_0$/, "_7") as Repeat["lease_id"] });
});

test("both statements are made for the lease of the first answer", () => {
  const { story, first } = answered();
  const fact = findContradiction(story.progress, ann, { ...repeatOf(story, first), root: OTHER_ROOT });
  if (fact === null) throw new Error("it is a contradiction");
  const job = { network: `net_${"A".repeat(43)}`, job_id: story.progress.plan.job_id, model: OTHER_ROOT };
  expect(contextOf(fact, job)).toEqual({
    ...job,
    ...{ shard: 0, lease_id: first.id, runner: ann, execution_class: "onnx/1.30.0/cpu/fp32" },
    ...{ rows: 10, leaf_rows: 1 },
  });
});

test("who contradicts itself is ejected, its answers go back to the queue, and it earns nothing", () => {
  const { story, first } = answered();
  story.check(bob, "x");
  expect(story.contradict(first, "y")).toBe(true);
  expect(story.progress.convicted).toEqual(new Set([ann]));
  for (const shard of [0, 1, 2])
    expect(story.shard(shard)).toMatchObject({ answer: null, past: [{ why: "convicted" }] });
  expect(story.ask(ann)).toEqual([]);
  for (const shard of [0, 1, 2]) story.commit(bob, shard, "x");
  story.checkAll(() => "x").succeed();
  const earned = renderWorkEvents(story.progress, sampleTerms(300n), story.now_ms).get(ann);
  expect(earned).toMatchObject({ tally: { earned_micro: "0" } });
});

test("it is told once, as what it is, and earlier jobs are recalled thoroughly for it", () => {
  const { story, leases, first } = answered();
  story.contradict(first, "y");
  const { job_id } = story.progress.plan;
  const told = {
    kind: "convicted",
    id: job_id,
    at_ms: 9,
    job_id,
    shard: 0,
    as: "contradiction",
    partial: true,
  };
  expect(renderConvictions(story.progress, 9)).toEqual(new Map([[ann, told]]));
  const { seq } = story.progress;
  for (const lease of leases) expect(story.contradict(lease, "z")).toBe(false);
  expect(story.progress.seq).toBe(seq);
});

test("a log has no second contradiction of one runner, and none after the job's end", () => {
  const { story, first } = answered();
  const fact = findContradiction(story.progress, ann, { ...repeatOf(story, first), root: OTHER_ROOT });
  if (fact === null) throw new Error("it is a contradiction");
  story.record(fact);
  expect(() => story.record(fact)).toThrow('takes no fact "contradicted"');
  story.record({ kind: "canceled" });
  expect(() => story.record({ ...fact, runner: bob })).toThrow(
    'a job that is canceled takes no fact "contradicted"',
  );
});

test("what was set aside or is a check contradicts as well", () => {
  const { story } = answered();
  const [check] = story.ask(bob);
  if (check === undefined) throw new Error("bob is drawn for none");
  story.answer([{ lease: check, says: "x" }]);
  expect(story.contradict(check, "y")).toBe(true);
  expect(story.progress.convicted).toEqual(new Set([bob]));
  expect(story.shard(check.shard).checks.find(({ runner }) => runner === bob)?.outcome).toBe("void");
});

test("while a result is checked again, everything that a contradicting runner delivered is computed anew", () => {
  const { story, first } = answered({ runners: [ann, bob, cid, referee] });
  story.checkAll(() => "x").succeed();
  expect(story.contradict(first, "y")).toBe(false);
  story.recall(bob);
  expect(isOpen(story.progress)).toBe(true);
  expect(story.contradict(first, "y")).toBe(true);
  for (const shard of [0, 1, 2])
    expect(story.shard(shard)).toMatchObject({
      answer: null,
      delivered: { runner: ann },
      past: [{ why: "recalled" }],
    });
  story.setRunners([cid, referee]);
  for (const shard of [0, 1, 2]) story.commit(cid, shard, "x");
  expect(story.replay()).toEqual(story.progress);
});
