import { type CreateAdversary, TELL_TRUTH } from "../adversary.ts";

/** Honest, and ten times slower than others. */
export const createAdversary: CreateAdversary = () => ({
  answer: () => TELL_TRUTH,
  check: () => TELL_TRUTH,
  isHonest: true,
  slowness: 10,
});
