import { type CreateAdversary, spoil } from "../adversary.ts";

/** Every answer is wrong. */
export const createAdversary: CreateAdversary = () => ({ answer: spoil });
