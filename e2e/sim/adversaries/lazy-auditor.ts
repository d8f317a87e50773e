import { type CreateAdversary, coverFriend, spoil, TELL_TRUTH } from "../adversary.ts";

/** Computes its own shards, and hands in something made up for half of the checks that it is given. */
export const createAdversary: CreateAdversary = () => ({
  answer: () => TELL_TRUTH,
  check: (asked) => (asked.friend === null && asked.random.next() < 0.5 ? spoil(asked) : coverFriend(asked)),
});
