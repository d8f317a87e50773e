import type { CreateAdversary } from "../adversary.ts";
import { createSleeper } from "./sleeper.ts";
import { createSporadic } from "./sporadic.ts";

/** Honest for 25 shards, then one answer in ten is wrong. */
export const createAdversary: CreateAdversary = () => createSleeper(createSporadic(0.1).answer);
