import { type CreateAdversary, spoilRows } from "../adversary.ts";

/** A single row of every shard is wrong. */
export const createAdversary: CreateAdversary = () => ({ answer: (asked) => spoilRows(asked, 1) });
