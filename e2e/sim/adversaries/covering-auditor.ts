import { type CreateAdversary, spoil, TELL_TRUTH } from "../adversary.ts";

/** Half of the cabal never lies itself and is there to cover for the other half, which spoils one shard in ten. */
export const createAdversary: CreateAdversary = () => ({
  answer: (asked) => {
    const isLiar = asked.member.index % 2 === 0;
    return isLiar && asked.random.next() < 0.1 ? spoil(asked) : TELL_TRUTH;
  },
});
