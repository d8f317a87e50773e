import { type CreateAdversary, coverFriend, spoil, TELL_TRUTH } from "../adversary.ts";

/** Answers right, and says of one honest answer in twenty that it is wrong. */
export const createAdversary: CreateAdversary = () => ({
  answer: () => TELL_TRUTH,
  check: (asked) => (asked.friend === null && asked.random.next() < 0.05 ? spoil(asked) : coverFriend(asked)),
});
