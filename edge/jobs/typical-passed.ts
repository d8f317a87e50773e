import type { Need } from "@infernet/protocol/match";
import type { VerificationPlan } from "@infernet/schemas/verification";
import { epochAt, seedOf } from "../epochs/epochs.ts";
import { readRoster } from "./read-roster.ts";

/**
 * How many checks a typical runner that fits has passed: the median, 0 when there is none. It decides how many auditors
 * an assurance takes; for work that names its auditors nobody is asked.
 */
export async function typicalPassed(env: Env, need: Need, plan: VerificationPlan): Promise<number> {
  if (plan.error_max === null) return 0;
  const seed = await seedOf(env, epochAt(env, Date.now()));
  const { runners } = await readRoster(env, need, seed);
  const passed = runners.filter(({ referee }) => !referee).map((entry) => entry.passed);
  return passed.sort((a, b) => a - b)[Math.floor(passed.length / 2)] ?? 0;
}
