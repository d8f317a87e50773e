import { type CreateAdversary, spoilRows, TELL_TRUTH } from "../adversary.ts";

/** One row in forty of one shard in ten is wrong. */
export const createAdversary: CreateAdversary = () => ({
  answer: (asked) =>
    asked.random.next() < 0.1 ? spoilRows(asked, Math.ceil(asked.shard_rows / 40)) : TELL_TRUTH,
});
