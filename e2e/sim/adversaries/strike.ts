import { type CreateAdversary, spoil, TELL_TRUTH } from "../adversary.ts";

/**
 * All in the last job, each member of a third of the cabal spoils one shard in its life, and the others cover: more
 * strikers would leave too few to cover, as whoever is convicted takes its checks with it.
 */
export const createAdversary: CreateAdversary = () => {
  const struck = new Set<number>();
  return {
    answer: (asked) => {
      const { member, job, jobs } = asked;
      if (job < jobs - 1 || member.index % 3 !== 0 || struck.has(member.index)) return TELL_TRUTH;
      struck.add(member.index);
      return spoil(asked);
    },
  };
};
