import fc from "fast-check";
import { expect, test } from "vitest";
import { shareOut } from "./earnings.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, entryOf, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });

test("answers and checks earn alike, by their rows", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob] });
  for (const shard of [0, 1]) story.commit(ann, shard, "x");
  story.checkAll(() => "x");
  expect(shareOut(story.progress, 23_000n)).toEqual(
    new Map([
      [ann, 15_000n],
      [bob, 8_000n],
    ]),
  );
});

test("a convict earns nothing, and who showed it and who decided it are paid for their rows", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, referee] });
  story.commit(ann, 0, "wrong");
  story.checkAll(() => "right");
  story.setRunners([bob, cid, referee]).commit(bob, 0, "right");
  story.checkAll(() => "right");
  const shares = shareOut(story.progress, 17_000n);
  expect(shares.get(ann)).toBeUndefined();
  expect(shares).toEqual(
    new Map([
      [bob, 9_000n],
      [cid, 4_000n],
      [ref, 4_000n],
    ]),
  );
});

test("whose answer was set aside is not punished: its rows are paid", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, referee] });
  story.commit(ann, 0, "x+2");
  story.checkAll(() => "x");
  expect(story.progress.convicted.size).toBe(0);
  expect(shareOut(story.progress, 13_000n).get(ann)).toBe(5_000n);
});

test("a job in which nobody handed anything in pays nobody", () => {
  expect(shareOut(new JobStory().progress, 1_000n).size).toBe(0);
});

test("all that there is to share is shared out, to the last micro-unit", () => {
  const makers = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(makers, fc.bigInt({ min: 0n, max: 10n ** 12n }), (of, price) => {
      const story = new JobStory({ shards: of.length });
      for (const [shard, maker] of of.entries()) story.commit(sampleRunner(maker), shard, "x");
      const shares = shareOut(story.progress, price);
      const paid = [...shares.values()].reduce((sum, share) => sum + share, 0n);
      expect(paid).toBe(price);
    }),
  );
});
