import type { CreateAdversary } from "../adversary.ts";
import { createSporadic } from "./sporadic.ts";

/** One answer in fifty is wrong. */
export const createAdversary: CreateAdversary = () => createSporadic(0.02);
