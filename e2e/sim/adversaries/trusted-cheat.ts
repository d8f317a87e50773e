import { type CreateAdversary, spoil, TELL_TRUTH } from "../adversary.ts";

/** Wrong whenever its published name is good, right until it is good again: what schemes without ejection invite. */
export const createAdversary: CreateAdversary = () => ({
  answer: (asked) => (asked.member.passed >= 10 ? spoil(asked) : TELL_TRUTH),
});
