import { type CreateAdversary, spoil, TELL_TRUTH } from "../adversary.ts";

/** Lies only where it knows that all who will check are friends. */
export const createAdversary: CreateAdversary = () => ({
  answer: (asked) => {
    const { checkers } = asked;
    return checkers !== null && checkers.others === 0 && checkers.ours > 0 ? spoil(asked) : TELL_TRUTH;
  },
});
