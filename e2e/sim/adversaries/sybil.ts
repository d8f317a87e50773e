import { type CreateAdversary, spoil } from "../adversary.ts";

/** Every answer is wrong, and whoever is banned comes back under a new name, sixty times in all. */
export const createAdversary: CreateAdversary = () => ({ answer: spoil, rejoins: 60 });
