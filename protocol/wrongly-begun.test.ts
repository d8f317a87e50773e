import type { Begun, JobFact } from "@infernet/schemas/job-fact";
import type { Zone } from "@infernet/schemas/verification";
import { expect, test } from "vitest";
import { applyFact } from "./apply-fact.ts";
import { createProgress, type JobProgress } from "./job-progress.ts";
import { rowsHandedIn } from "./rows-handed-in.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";

/** A completion that ann began and bob finished, and what cid's check says of ann's tokens. */
function tellOf(zone: Zone): JobProgress {
  const story = new JobStory({ plan: audited(), runners: [bob, cid] });
  const [lease] = story.lease(ann, [0]);
  if (lease === undefined) throw new Error("there is no lease");
  story.commit(bob, 0, "x");
  story.check(cid, "x");
  const { id: lease_id } = lease;
  const begun: Begun = { shard: 0, runner: ann, lease_id, start: 0, positions: 32, units: 1_280 };
  const told = { runner: ann, lease_id, zone };
  const retell = (fact: JobFact): JobFact =>
    fact.kind !== "committed"
      ? fact
      : {
          ...fact,
          results: fact.results.map((result) => ({
            ...result,
            units: 400,
            ...(result.role === "compute" ? { begun: [begun] } : {}),
            comparisons: result.comparisons.map((one) => ({ ...one, begun: [told] })),
          })),
        };
  return story.facts.reduce(
    (progress, { fact, seq, at_ms }) => applyFact(progress, retell(fact), seq, at_ms),
    createProgress(story.progress.plan, 0),
  );
}

test("what was begun by the rules is paid to who began it", () => {
  const progress = tellOf("match");
  expect(rowsHandedIn(progress)).toEqual(
    new Map([
      [bob, 400],
      [ann, 1_280],
      [cid, 400],
    ]),
  );
  expect(progress.providers.get(ann)?.shards_failed ?? 0).toBe(0);
});

test("what nobody can tell is paid too", () => {
  expect(rowsHandedIn(tellOf("unclear")).get(ann)).toBe(1_280);
});

test("what was begun against the rules is not paid, counts as a failure, and is not held against who finished it", () => {
  const progress = tellOf("fraud");
  expect(rowsHandedIn(progress).has(ann)).toBe(false);
  expect(rowsHandedIn(progress).get(bob)).toBe(400);
  expect(progress.providers.get(ann)?.shards_failed).toBe(1);
  expect(progress.convicted.size).toBe(0);
});
