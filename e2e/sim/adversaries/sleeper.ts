import { type Adversary, type CreateAdversary, spoil, TELL_TRUTH } from "../adversary.ts";

/** Answers given right before the first wrong one: enough to be trusted like an honest machine. */
const ASLEEP = 25;

/** Honest until it has a good name, and from then on as the one it hides. */
export const createSleeper = (awake: Adversary["answer"]): Adversary => ({
  answer: (asked) => (asked.member.answers < ASLEEP ? TELL_TRUTH : awake(asked)),
});

/** Honest for 25 shards, then every answer is wrong. */
export const createAdversary: CreateAdversary = () => createSleeper(spoil);
