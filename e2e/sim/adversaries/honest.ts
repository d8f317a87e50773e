import { type CreateAdversary, TELL_TRUTH } from "../adversary.ts";

/** Nobody lies. */
export const createAdversary: CreateAdversary = () => ({ answer: () => TELL_TRUTH, isHonest: true });
