import type { CreateAdversary } from "../adversary.ts";
import { createSporadic } from "./sporadic.ts";

/** One answer in ten is wrong. */
export const createAdversary: CreateAdversary = () => createSporadic(0.1);
