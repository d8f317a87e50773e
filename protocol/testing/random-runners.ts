import type { RunnerId } from "@infernet/schemas/ids";
import type { JobStory, StoryLease } from "./job-story.ts";

export type Behaviour =
  /** Answers rightly within a second or so. */
  | "honest"
  /** Answers rightly and says everything several times, old leases included. */
  | "repeating"
  /** Answers with what no other runner says. */
  | "wrong"
  /** Reports a failure for every shard. */
  | "failing"
  /** Heartbeats for twenty seconds before it answers rightly. */
  | "slow"
  /** Never heartbeats, and answers rightly when its lease is long gone. */
  | "late"
  /** Heartbeats for ever and never answers. */
  | "stuck"
  /** Takes leases and is never heard of again until it takes more. */
  | "dead"
  /** Gives back everything it gets. */
  | "leaving";

export interface RandomRunner {
  id: RunnerId;
  behaviour: Behaviour;
  /** Leases it believes it holds, and since when. */
  held: { lease: StoryLease; since_ms: number }[];
  /** Everything it has ever answered, to be repeated. */
  answered: { lease: StoryLease; says: string }[];
}

/** A number from 0 to below `bound`. */
export type Draw = (bound: number) => number;

const LATENCY_MS = { honest: 1_000, repeating: 1_000, wrong: 500, slow: 20_000, late: 20_000 };
const LEASES_HELD_MAX = 8;

/** One turn of one runner: it hands in what is done, and asks for more. */
export function takeTurn(story: JobStory, runner: RandomRunner, runners: number, draw: Draw): void {
  switch (runner.behaviour) {
    case "honest":
    case "wrong":
      handIn(story, runner, LATENCY_MS[runner.behaviour] + draw(1_000), true);
      break;
    case "repeating":
      handIn(story, runner, LATENCY_MS.repeating, true);
      if (runner.answered.length > 0)
        story.answer([runner.answered[draw(runner.answered.length)] ?? never()]);
      break;
    case "slow":
      handIn(story, runner, LATENCY_MS.slow, true);
      break;
    case "late":
      handIn(story, runner, LATENCY_MS.late, false);
      break;
    case "stuck":
      for (const { lease } of runner.held) story.renew(lease);
      break;
    case "failing":
    case "leaving":
      giveBack(story, runner);
      break;
    case "dead":
      runner.held = [];
      break;
    default:
      runner.behaviour satisfies never;
  }
  const leases_max = Math.min(1 + draw(4), LEASES_HELD_MAX - runner.held.length);
  if (leases_max <= 0) return;
  const leases = story.ask(runner.id, { leases_max, runners });
  runner.held.push(...leases.map((lease) => ({ lease, since_ms: story.now_ms })));
}

function handIn(story: JobStory, runner: RandomRunner, latency_ms: number, heartbeats: boolean): void {
  const done = runner.held.filter(({ since_ms }) => story.now_ms - since_ms >= latency_ms);
  runner.held = runner.held.filter((held) => !done.includes(held));
  if (heartbeats) for (const { lease } of runner.held) story.renew(lease);
  const answers = done.map(({ lease }) => ({
    lease,
    says:
      runner.behaviour === "wrong" ? `${runner.id} is wrong about ${lease.shard}` : `truth of ${lease.shard}`,
  }));
  runner.answered.push(...answers);
  if (answers.length > 0) story.answer(answers);
}

function giveBack(story: JobStory, runner: RandomRunner): void {
  for (const { lease } of runner.held) {
    const isHeld = story.progress.shards[lease.shard]?.leases.some((held) => held.id === lease.id);
    if (!isHeld) continue;
    if (runner.behaviour === "failing") story.fail(runner.id, lease.shard);
    else story.handBack(runner.id, [lease.shard]);
  }
  runner.held = [];
}

function never(): never {
  throw new Error("an index below the length has an item");
}
