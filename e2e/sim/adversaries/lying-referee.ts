import { type CreateAdversary, coverFriend, spoil } from "../adversary.ts";

/** A trusted referee that takes the cabal's side, and where no friend is concerned finds both sides wrong. */
export const createAdversary: CreateAdversary = () => ({
  answer: spoil,
  check: (asked) => (asked.friend === null ? spoil(asked) : coverFriend(asked)),
});
