import { type CreateAdversary, TELL_TRUTH } from "../adversary.ts";

/** One in twelve of the group is a machine whose numbers have drifted so far that they cannot be told from wrong ones. */
export const createAdversary: CreateAdversary = () => ({
  answer: () => TELL_TRUTH,
  check: () => TELL_TRUTH,
  isHonest: true,
  drift: ({ index }, random) => (index % 12 === 0 ? 2 + 2 * random.next() : random.next() * 0.4),
});
