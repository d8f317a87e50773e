import type { RunnerId } from "@infernet/schemas/ids";
import type { JobStory, StoryLease } from "./job-story.ts";
import type { Saying } from "./say.ts";
import type { Draw } from "./seeded-draw.ts";

export type Behaviour =
  /** Answers rightly within a second or so. */
  | "honest"
  /** Answers rightly and says everything several times, old leases included. */
  | "repeating"
  /** Answers with what no other runner says. */
  | "wrong"
  /** Answers with the lie of its friends, covers theirs, and is right about everybody else's. */
  | "cabal"
  /** Computes rightly, and is wrong about others' answers. */
  | "framer"
  /** Answers rightly, and now and then signs something else for what it has answered. */
  | "contradicting"
  /** Is off by as much as honest machines might be. */
  | "drifting"
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
  | "leaving"
  /** Decides disagreements and nothing else. */
  | "referee";

export interface RandomRunner {
  id: RunnerId;
  behaviour: Behaviour;
  /** Leases it believes it holds, and since when. */
  held: { lease: StoryLease; since_ms: number }[];
  /** Everything it has ever answered, to be repeated. */
  answered: { lease: StoryLease; says: Saying }[];
}

export interface Crowd {
  story: JobStory;
  runners: readonly RandomRunner[];
  draw: Draw;
}

const LATENCY_MS = 1_000;
const SLOW_MS = 20_000;
const LEASES_HELD_MAX = 8;

export const truthOf = (shard: number): Saying => `truth of ${shard}`;

/** One turn of one runner: it hands in what is done, and asks for more. */
export function takeTurn(crowd: Crowd, runner: RandomRunner): void {
  const { story, draw } = crowd;
  switch (runner.behaviour) {
    case "honest":
    case "wrong":
    case "cabal":
    case "framer":
    case "drifting":
    case "referee":
      handIn(crowd, runner, LATENCY_MS / 2 + draw(LATENCY_MS), true);
      break;
    case "repeating":
      handIn(crowd, runner, LATENCY_MS, true);
      story.answer(runner.answered.slice(draw(1 + runner.answered.length)).slice(0, 1));
      break;
    case "contradicting":
      handIn(crowd, runner, LATENCY_MS, true);
      takeBack(crowd, runner);
      break;
    case "slow":
      handIn(crowd, runner, SLOW_MS, true);
      break;
    case "late":
      handIn(crowd, runner, SLOW_MS, false);
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
  askForMore(crowd, runner);
}

function askForMore({ story, runners, draw }: Crowd, runner: RandomRunner): void {
  const leases_max = Math.min(1 + draw(4), LEASES_HELD_MAX - runner.held.length);
  if (leases_max <= 0) return;
  const chance = draw(1_000_000) / 1_000_000;
  const leases = story.ask(runner.id, { leases_max, runners: runners.length, chance });
  runner.held.push(...leases.map((lease) => ({ lease, since_ms: story.now_ms })));
}

function handIn(crowd: Crowd, runner: RandomRunner, latency_ms: number, heartbeats: boolean): void {
  const { story } = crowd;
  const done = runner.held.filter(({ since_ms }) => story.now_ms - since_ms >= latency_ms);
  runner.held = runner.held.filter((held) => !done.includes(held));
  if (heartbeats) for (const { lease } of runner.held) story.renew(lease);
  // One runner has one thing to say about a shard at a time.
  const byShard = new Map(
    done.map(({ lease }) => [lease.shard, { lease, says: sayOf(crowd, runner, lease) }]),
  );
  const answers = [...byShard.values()];
  runner.answered.push(...answers);
  if (answers.length > 0) story.answer(answers);
}

/** One of its answers in a few turns. */
function takeBack({ story, draw }: Crowd, { id, answered }: RandomRunner): void {
  const said = answered[draw(5 * (1 + answered.length))];
  if (said !== undefined) story.contradict(said.lease, `${id} takes back ${said.lease.shard}`);
}

function sayOf({ story, runners }: Crowd, { id, behaviour }: RandomRunner, lease: StoryLease): Saying {
  const { shard, role } = lease;
  const truth = truthOf(shard);
  switch (behaviour) {
    case "wrong":
      return `${id} lies about ${shard}`;
    case "framer":
      return role === "compute" ? truth : `${id} denies ${shard}`;
    case "drifting":
      return `${truth}+2`;
    case "cabal": {
      const maker = story.shard(shard).answer?.runner;
      const isFriends = runners.some((one) => one.id === maker && one.behaviour === "cabal");
      return role === "compute" || isFriends ? `lie about ${shard}` : truth;
    }
    default:
      return truth;
  }
}

function giveBack(story: JobStory, runner: RandomRunner): void {
  for (const { lease } of runner.held) {
    const isHeld = story.shard(lease.shard).leases.some((held) => held.id === lease.id);
    if (!isHeld) continue;
    if (runner.behaviour === "failing") story.fail(runner.id, lease.shard);
    else story.handBack(runner.id, [lease.shard]);
  }
  runner.held = [];
}
