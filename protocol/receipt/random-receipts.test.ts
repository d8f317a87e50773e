import { expect, test } from "vitest";
import { isFinal } from "../job-progress.ts";
import { createDraw } from "../testing/seeded-draw.ts";
import { truthOf } from "./testing/receipt-lies.ts";
import { ReceiptStory } from "./testing/receipt-story.ts";
import { verifyReceipt } from "./verify-receipt.ts";

type Random = ReturnType<typeof createDraw>;

const pick = <T>(draw: Random, from: readonly T[]): T => {
  const picked = from[draw(from.length)];
  if (picked === undefined) throw new Error("there is nothing to pick from");
  return picked;
};

/** A job with honest, wrong, slightly off, failing, absent and contradicting runners, of any size, mode and end. */
async function playAnything(seed: number): Promise<ReceiptStory> {
  const draw = createDraw(seed);
  const runners = 2 + draw(7);
  const story = await ReceiptStory.begin({
    n: 1 + draw(1_000),
    rows: 6 + draw(60),
    shard_rows: 3 + draw(12),
    runners,
    referees: draw(3),
    passed: pick(draw, [0, 19, 100]),
    datatype: pick(draw, ["FP32", "INT32"] as const),
    merge: pick(draw, ["concat", "list", "sum"] as const),
    verification: pick(draw, [
      { mode: "audit" },
      { mode: "audit", auditors: 2, rows_share: 0.3 },
      { mode: "quorum", replicas: 2 },
      { mode: "quorum", replicas: 3 },
      { mode: "none" },
      { assurance: 0.99 },
      { assurance: 0.9999 },
    ]),
    groups: (n) => (draw(4) === 0 ? [`owner ${n % 2}`] : []),
    conduct: Object.fromEntries(
      Array.from({ length: runners }, (_, n) => {
        const error = pick(draw, [0, 0, 0, 0, 1, 0.002]);
        const share = 1 + draw(3);
        return [n, (shard: number) => (shard % share === 0 ? error : 0)];
      }),
    ),
  });
  if (draw(3) === 0) story.silence(draw(runners));
  await work(story, draw);
  if (story.progress.state === "succeeded" && draw(2) === 0) {
    await story.recall(draw(runners), draw(2) === 0).join(draw(4));
    await work(story, draw);
  }
  return story;
}

async function work(story: ReceiptStory, draw: Random): Promise<void> {
  const hasEnded = isFinal(story.progress.state);
  for (let turn = 0; turn < 150 && story.end() === null; turn += 1) {
    const n = draw(story.signers.length);
    story.chance = draw(100) / 100;
    const tasks = story.isSilent(n) ? [] : story.ask(n);
    if (tasks.length > 0 && draw(12) === 0)
      story.lose(n, tasks, pick(draw, ["failed", "handed_back", "expired"] as const));
    else if (tasks.length > 0) await story.work(n, tasks);
    else story.now_ms += draw(9_000);
    if (draw(3) > 0) story.draw();
    if (draw(60) === 0 && story.mayContradict(n)) await story.contradict(n);
  }
  const end = story.end()?.kind;
  if (end === "complete" || end === "recall_over") await story.close();
  else if (!hasEnded) story.expire();
}

const SEEDS = 60;

test.each([0, 1, 2, 3])(
  "whatever happens in a job, its receipt holds: part %i",
  { timeout: 60_000 },
  async (part) => {
    for (let seed = part * SEEDS; seed < (part + 1) * SEEDS; seed += 1) {
      const story = await playAnything(seed);
      const signed = await story.signed();
      const { findings } = await verifyReceipt(signed, await truthOf(story, signed.receipt));
      const refuted = findings.filter(({ status }) => status === "refuted");
      expect(refuted, `seed ${seed}`).toEqual([]);
    }
  },
);
