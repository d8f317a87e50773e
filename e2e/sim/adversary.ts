import type { Random } from "./random.ts";
import { createLie, type Lie, type Said } from "./said.ts";

/** A machine of the cabal, as its friends know it. */
export interface Member {
  /** From 0, in the order in which they joined. */
  index: number;
  /** Shards that it has answered whole so far. */
  answers: number;
  /** Checks that it has made so far. */
  checks: number;
  /** Checks of its answers that agreed, as its published reputation says. */
  passed: number;
}

/**
 * What a member is asked to compute, and what it knows when it hands in: everything that a cabal of unlimited skill could
 * know, and no more. The edge's secrets (who will check it, until its answer is committed) are not among it.
 */
export interface Asked {
  member: Member;
  /** Counts the network's jobs, from 0. */
  job: number;
  jobs: number;
  shard: number;
  /** Rows of the whole shard. */
  shard_rows: number;
  /** Whether rows here and there are asked for, which only checks do, and not the whole shard. */
  scattered: boolean;
  /** What this will be compared with, when a member of the cabal said it: friends recognise each other without fail. */
  friend: Said | null;
  /**
   * Who will check it: known before handing in only where replicas are given out together (some baselines) or where the
   * draw comes before the commitment (the ablation); null in the protocol as it is.
   */
  checkers: { ours: number; others: number } | null;
  random: Random;
}

export type Act =
  /** Computes and tells the truth. */
  | { kind: "right" }
  | { kind: "lie"; lie: Lie }
  /** Says what a friend said. */
  | { kind: "repeat"; said: Said }
  /** Hands in nothing; with heartbeats it pretends to be at work for as long as it is let. */
  | { kind: "withhold"; heartbeats: boolean }
  /** Hands in the commitment that another runner made for the same shard. */
  | { kind: "steal" };

/** How a cabal behaves. One object serves all of its members, so that it can keep what they have in common. */
export interface Adversary {
  /** Answers a shard: asked for the whole of it, and no friend has answered it. */
  answer: (asked: Asked) => Act;
  /** Makes a check. Without it: says what the friend said that it checks, and the truth about everybody else. */
  check?: (asked: Asked) => Act;
  /** New identities, all together, that members take on after they were banned. */
  rejoins?: number;
  /** Not dishonest at all: convicting one of these is as wrong as convicting any honest machine. */
  isHonest?: boolean;
  /** How many times slower than others a member computes. */
  slowness?: number;
  /** How far a member's numbers lie from the right ones: see `Said`. */
  drift?: (member: Member, random: Random) => number;
}

/** What a file given to `--adversary` exports, by the name `createAdversary`. */
export type CreateAdversary = () => Adversary;

export const TELL_TRUTH: Act = { kind: "right" };

/** Spoils the whole shard. */
export const spoil = ({ random, shard_rows }: Asked): Act => ({
  kind: "lie",
  lie: createLie(random, shard_rows),
});

/** Spoils so many rows of the shard. */
export const spoilRows = ({ random, shard_rows }: Asked, rows: number): Act => ({
  kind: "lie",
  lie: createLie(random, shard_rows, rows),
});

/** What members do as checkers unless they have a way of their own: a friend's word is theirs. */
export const coverFriend = ({ friend }: Asked): Act =>
  friend === null ? TELL_TRUTH : { kind: "repeat", said: friend };
