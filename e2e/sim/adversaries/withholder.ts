import { type CreateAdversary, TELL_TRUTH } from "../adversary.ts";

/** Takes work and hands in half of it; for a quarter it pretends to be at work for ever. */
export const createAdversary: CreateAdversary = () => {
  const act = ({ random }: { random: { next: () => number } }) => {
    const chance = random.next();
    if (chance < 0.25) return { kind: "withhold", heartbeats: true } as const;
    return chance < 0.5 ? ({ kind: "withhold", heartbeats: false } as const) : TELL_TRUTH;
  };
  return { answer: act, check: act };
};
