import type { RunnerId } from "@infernet/schemas/ids";
import type { Verdict } from "@infernet/schemas/verification";
import { expect, test } from "vitest";
import { audited, JobStory } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, eve, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });
const crowd = Array.from({ length: 12 }, (_, n) => sampleRunner(100 + n));

/** Ann says the one, bob the other; nobody else is there yet. */
function disagree(answer: string, check: string, job = new JobStory({ plan: audited() })): JobStory {
  job.setRunners([ann, bob]).commit(ann, 0, answer);
  job.check(bob, check);
  return job;
}

/** Has voters drawn and answer until a verdict has fallen or nobody is drawn. */
function vote(story: JobStory, voters: readonly RunnerId[], says: readonly string[]): Verdict | undefined {
  story.setRunners([ann, bob, ...voters]);
  let turn = 0;
  while (story.shard().verdicts.length === 0 && story.draw() !== null) {
    for (const runner of story.drawn()) story.check(runner, says[turn++] ?? "nothing");
  }
  return story.shard().verdicts[0];
}

const ruled = (answer: string, check: string) => ({ answer: { ruling: answer }, check: { ruling: check } });

test("a disagreement alone convicts nobody and ends nothing", () => {
  const story = disagree("x", "y");
  expect(story.shard().verdicts).toEqual([]);
  expect(story.progress.convicted.size).toBe(0);
  expect(story.end()).toBeNull();
});

const rulings = [
  { answer: "wrong", check: "right", referee: "right", verdict: ruled("convicted", "stands") },
  { answer: "right", check: "wrong", referee: "right", verdict: ruled("stands", "convicted") },
  { answer: "wrong", check: "off", referee: "right", verdict: ruled("convicted", "convicted") },
  { answer: "x+2", check: "x", referee: "x", verdict: ruled("set_aside", "stands") },
  { answer: "x", check: "x+2", referee: "x", verdict: ruled("stands", "set_aside") },
  { answer: "x", check: "x+2", referee: "x+1", verdict: ruled("stands", "stands") },
  { answer: "x", check: "x+2", referee: "y", verdict: ruled("set_aside", "set_aside") },
  { answer: "x", check: "x+3", referee: "x+2", verdict: ruled("set_aside", "stands") },
];
test.each(rulings)(
  "a trusted referee that says $referee of $answer against $check: the answer $verdict.answer.ruling, the check $verdict.check.ruling",
  ({ answer, check, referee: says, verdict }) => {
    const story = disagree(answer, check);
    story.setRunners([ann, bob, referee]).draw();
    story.check(ref, says);
    expect(story.shard().verdicts).toMatchObject([{ shard: 0, ...verdict, referees: [ref] }]);
    const convicted = [ann, bob].filter((_, n) => Object.values(verdict)[n]?.ruling === "convicted");
    expect([...story.progress.convicted]).toEqual(convicted);
    expect(story.shard().answer === null).toBe(verdict.answer.ruling !== "stands");
  },
);

test("nobody is punished for a difference that honest machines might show, whatever the referee says", () => {
  const story = disagree("x", "x+2");
  story.setRunners([ann, bob, referee]).draw();
  story.check(ref, "something else");
  expect(story.progress.convicted.size).toBe(0);
  expect(story.shard().past).toMatchObject([{ why: "set_aside" }]);
});

test("a check that a referee finds as good as the answer counts, and its maker is credited", () => {
  const story = disagree("x", "x+2");
  story.setRunners([ann, bob, referee]).draw();
  story.check(ref, "x+1");
  expect(story.shard().checks[0]).toMatchObject({ runner: bob, outcome: "passed" });
  expect(story.progress.providers.get(ann)).toMatchObject({ audits_passed: 1, rows_audited: 4 });
  expect(story.end()).toEqual({ kind: "complete" });
});

test("one referee is enough where it is trusted, and others are not asked", () => {
  const story = disagree("x", "y");
  story.setRunners([ann, bob, referee, ...crowd]).draw();
  expect(story.drawn()).toEqual([ref]);
});

test("without a trusted referee a lead of three decides", () => {
  expect(vote(disagree("x", "y"), crowd, ["x", "x", "x"])).toMatchObject(ruled("stands", "convicted"));
  expect(vote(disagree("x", "y"), crowd, ["y", "y", "y"])).toMatchObject(ruled("convicted", "stands"));
  const close = disagree("x", "y");
  expect(vote(close, crowd, ["y", "x", "x", "x", "x"])).toMatchObject(ruled("stands", "convicted"));
  expect(close.shard().verdicts[0]?.referees).toHaveLength(5);
});

test("two votes are asked first, and then one at a time", () => {
  const story = disagree("x", "y");
  story.setRunners([ann, bob, ...crowd]).draw();
  expect(story.drawn()).toHaveLength(2);
  for (const runner of story.drawn()) story.check(runner, "x");
  story.draw();
  expect(story.drawn()).toHaveLength(1);
});

test("after seven votes without a lead nobody is punished, and the shard is computed anew", () => {
  const story = disagree("x", "y");
  const verdict = vote(story, crowd, ["x", "y", "x", "y", "x", "y", "x"]);
  expect(verdict).toEqual({
    shard: 0,
    answer: { runner: ann, ruling: "set_aside" },
    check: { runner: bob, ruling: "set_aside" },
    referees: [],
  });
  expect(story.progress.convicted.size).toBe(0);
  expect(story.shard()).toMatchObject({ answer: null, unresolved: 1 });
});

test("votes for neither side decide nothing", () => {
  const verdict = vote(disagree("x", "y"), crowd, ["a", "b", "c", "d", "e", "f", "g"]);
  expect(verdict).toMatchObject({ ...ruled("set_aside", "set_aside"), referees: [] });
});

test("a vote that agrees with both sides lets both stand where they are hardly apart", () => {
  expect(vote(disagree("x", "x+2"), crowd, ["x", "x+1"])).toMatchObject(ruled("stands", "stands"));
});

test("a lead of three in a difference that honest machines might show sets the loser aside", () => {
  const story = disagree("x", "x+2");
  expect(vote(story, crowd, ["x+3", "x+3", "x+3"])).toMatchObject(ruled("set_aside", "stands"));
  expect(story.progress.convicted.size).toBe(0);
});

test("when nobody is left to be asked, whoever leads is right", () => {
  expect(vote(disagree("x", "y"), [cid], ["x"])).toMatchObject(ruled("stands", "convicted"));
  expect(vote(disagree("x", "y"), [cid], ["y"])).toMatchObject(ruled("convicted", "stands"));
  expect(vote(disagree("x", "y"), [cid, dan], ["x", "y"])).toMatchObject({
    ...ruled("set_aside", "set_aside"),
    referees: [],
  });
});

test("when nobody was there to be asked at all, the disagreement waits for somebody", () => {
  const story = disagree("x", "y");
  expect(story.draw()).toBeNull();
  expect(story.end()).toBeNull();
  story.setRunners([ann, bob, referee]).draw();
  story.check(ref, "x");
  expect([...story.progress.convicted]).toEqual([bob]);
});

test("voters that were found wrong meanwhile have no say any more", () => {
  const story = disagree("x", "y", new JobStory({ shards: 2, plan: audited() }));
  story.setRunners([ann, bob, cid, dan, eve]).draw();
  const [first, second] = story.drawn();
  if (first === undefined || second === undefined) throw new Error("two are drawn");
  story.check(first, "y");
  story.check(second, "y");
  story.setRunners([first, entryOf(ref, { referee: true }), eve]).commit(first, 1, "wrong");
  story.checkAll((_, { shard }) => (shard === 1 ? "right" : "x"));
  expect(story.progress.convicted.has(first)).toBe(true);
  expect(story.shard(0).verdicts).toMatchObject([{ ...ruled("stands", "convicted"), referees: [ref] }]);
});

test("timeouts, crashes, failures and handing back convict nobody", () => {
  const story = new JobStory({ shards: 3, plan: audited(2), runners: [ann, bob, cid, dan, referee] });
  story.commit(ann, 0, "x");
  for (let turn = 0; turn < 20; turn += 1) {
    for (const runner of [ann, bob, cid, dan]) {
      const leases = story.ask(runner, { leases_max: 3 });
      const [one, two] = leases.map(({ shard }) => shard);
      if (one !== undefined) story.fail(runner, one, "engine_error");
      if (two !== undefined) story.handBack(runner, [two]);
    }
    story.pass(15_000).expire();
    story.draw();
  }
  expect(story.progress.convicted.size).toBe(0);
});

test("what a verdict overturns is kept with all that was known about it", () => {
  const story = disagree("wrong", "right");
  story.setRunners([ann, bob, referee]).draw();
  story.check(ref, "right");
  const [fallen] = story.shard().past;
  expect(fallen).toMatchObject({
    why: "convicted",
    answer: { runner: ann },
    checks: [
      { runner: bob, role: "audit", comparisons: [{ with: ann, zone: "fraud" }] },
      { runner: ref, role: "referee", of: bob },
    ],
    draws: [{ purpose: "audit" }, { purpose: "referee", of: bob }],
  });
});

test("a referee computes the rows that are in dispute, and no others", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob, referee] });
  story.commit(ann, 0, "x");
  const [check] = story.ask(bob, { leases_max: 1 });
  const rows = check && story.rowsOf(check);
  expect(rows).toHaveLength(4);
  if (check) story.answer([{ lease: check, says: "y" }]);
  story.draw();
  const [run] = story.ask(ref);
  expect(run && story.rowsOf(run)).toEqual(rows);
});
