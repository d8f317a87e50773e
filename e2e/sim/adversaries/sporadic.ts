import { type Adversary, spoil, TELL_TRUTH } from "../adversary.ts";

/** A share of all answers is wrong, at random. */
export const createSporadic = (share: number): Adversary => ({
  answer: (asked) => (asked.random.next() < share ? spoil(asked) : TELL_TRUTH),
});
