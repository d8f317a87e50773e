import { type CreateAdversary, spoilRows, TELL_TRUTH } from "../adversary.ts";

/** A single row of one shard in ten is wrong. */
export const createAdversary: CreateAdversary = () => ({
  answer: (asked) => (asked.random.next() < 0.1 ? spoilRows(asked, 1) : TELL_TRUTH),
});
