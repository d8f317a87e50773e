import type { CreateAdversary } from "../adversary.ts";

/** Hands in the commitment of another in the place of its own work. */
export const createAdversary: CreateAdversary = () => ({
  answer: () => ({ kind: "steal" }),
  check: () => ({ kind: "steal" }),
});
