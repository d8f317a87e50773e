import type { JobFact } from "@infernet/schemas/job-fact";
import type { RosterEntry, VerificationPlan } from "@infernet/schemas/verification";
import { shardRowCount } from "../job-progress.ts";
import { refundFor } from "../settlement.ts";
import { assertStep } from "./assert-step.ts";
import { JobStory, RESULT, type StoryOptions } from "./job-story.ts";
import { type Behaviour, type Crowd, type RandomRunner, takeTurn } from "./random-runners.ts";
import { sampleRunner } from "./sample-ids.ts";
import { entryOf, VETERAN } from "./sample-runners.ts";
import { sampleTerms } from "./sample-terms.ts";
import type { Draw } from "./seeded-draw.ts";

/** Who takes part in a random job, and how it is checked. */
export interface Cast {
  shards: number;
  plan: VerificationPlan;
  behaviours: readonly Behaviour[];
  /** Whether nobody has a ledger yet. */
  areNew: boolean;
  /** Whether all liars belong to one owner. */
  areOwned: boolean;
}

export const LIARS: readonly Behaviour[] = ["wrong", "cabal", "framer", "contradicting"];

const TURN_MS = 500;
const DEADLINE_MS = 900_000;
const QUOTED_MICRO = 1_000_003n;
export const TERMS = sampleTerms(QUOTED_MICRO);

class CheckedStory extends JobStory {
  override record(fact: JobFact): void {
    const before = this.progress;
    super.record(fact);
    assertStep(before, fact, this.progress);
  }
}

/** A job and its crowd, before anything has happened. */
export function gather(cast: Cast, draw: Draw): Crowd {
  const { shards, plan, behaviours } = cast;
  const runners = behaviours.map((behaviour, n): RandomRunner => {
    return { id: sampleRunner(n), behaviour, held: [], answered: [] };
  });
  const options: StoryOptions = { shards, plan, deadline_ms: DEADLINE_MS, lease_ms: 5_000 };
  const story = new CheckedStory({ ...options, runners: runners.map((runner) => entryFor(runner, cast)) });
  return { story, runners, draw };
}

const entryFor = ({ id, behaviour }: RandomRunner, { areNew, areOwned }: Cast): RosterEntry =>
  entryOf(id, {
    referee: behaviour === "referee",
    passed: areNew ? 0 : VETERAN,
    groups: areOwned && LIARS.includes(behaviour) ? ["liars"] : [],
  });

/** Plays a job, or its recall, to its end; each step is checked. */
export function play(crowd: Crowd): JobStory {
  const { story, runners, draw } = crowd;
  for (const until_ms = story.now_ms + 2 * DEADLINE_MS; story.end() === null; story.pass(TURN_MS)) {
    if (story.now_ms > until_ms) throw new Error("the job comes to no end");
    story.expire();
    const first = draw(runners.length);
    for (const n of runners.keys()) {
      const runner = runners[(first + n) % runners.length];
      settle(story);
      if (runner !== undefined && story.end() === null) takeTurn(crowd, runner);
    }
    settle(story);
  }
  return story;
}

function settle(story: JobStory): void {
  while (story.end() === null && story.draw() !== null);
}

/** Ends a recall as the edge does: what was delivered was right, or is taken back for its part of the price. */
export function endRecall(story: JobStory): void {
  const end = story.end();
  if (end?.kind !== "recall_over") throw new Error("the recall is not over");
  const { shards } = end;
  if (shards.length === 0) {
    story.record({ kind: "upheld" });
    return;
  }
  const refund_micro = refundFor(story.progress, TERMS, shards).toString();
  story.record({ kind: "revoked", shards, result: RESULT, refund_micro });
}

/** The part of the price that the rows of these shards are worth. */
export function partOf(story: JobStory, shards: readonly number[]): bigint {
  const { plan } = story.progress;
  const rows = shards.reduce((sum, shard) => sum + shardRowCount(plan, shard), 0);
  return (QUOTED_MICRO * BigInt(rows)) / BigInt(plan.rows);
}
