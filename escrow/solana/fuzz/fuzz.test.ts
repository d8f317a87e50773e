import { expect, test } from "vitest";
import { whyNoClang } from "../clang.ts";
import { compareBuilds } from "./compare-builds.ts";

const SEEDS = [Date.now() % 1_000_000, 7];

test.for(SEEDS)(
  "random functions of seed %d compute on chain what they compute here",
  async (seed, { skip }) => {
    const reason = whyNoClang();
    if (reason !== null) {
      console.warn(`Builds are not compared here: ${reason}.`);
      skip(reason);
    }
    const { evaluations, mismatches } = await compareBuilds(seed);
    expect(mismatches).toEqual([]);
    expect(evaluations).toBe(720);
  },
);
