import type { LeaseId } from "@infernet/schemas/ids";
import type { Begun, CommittedResult } from "@infernet/schemas/job-fact";
import type { TokenUsage } from "@infernet/schemas/llm/generation";
import { TOKEN_UNITS, tokenUnits } from "@infernet/schemas/llm/token-units";
import type { Maker } from "./shard-stream.ts";

/**
 * What a completion weighs in the price, split over those who made it: each is paid for its positions, and whoever began
 * for the prompt too. The finisher has what the others have not, so that the parts always add up to the whole.
 *
 * @param makers in order, the finisher among them or not
 */
export function splitUnits(
  shard: number,
  makers: readonly Maker[],
  finisher: LeaseId,
  usage: TokenUsage,
): Pick<CommittedResult, "units" | "begun"> {
  let left = tokenUnits(usage);
  const prompt = tokenUnits({ ...usage, completion_tokens: 0 });
  const begun: Begun[] = [];
  for (const maker of makers) {
    if (maker.lease_id === finisher) continue;
    const own = unitsOf(maker, prompt);
    const units = Math.min(own, left);
    left -= units;
    begun.push(describeBegun(shard, maker, units));
  }
  return { units: left, ...(begun.length === 0 ? {} : { begun }) };
}

/**
 * What was delivered of a completion that nobody will finish.
 *
 * @param prompt_tokens of its prompt, as far as that is known
 */
export const listBegun = (shard: number, makers: readonly Maker[], prompt_tokens: number): Begun[] =>
  makers.map((maker) => describeBegun(shard, maker, unitsOf(maker, prompt_tokens * TOKEN_UNITS.prompt)));

const unitsOf = ({ start, positions }: Maker, prompt: number): number =>
  positions * TOKEN_UNITS.completion + (start === 0 ? prompt : 0);

const describeBegun = (
  shard: number,
  { runner, lease_id, start, positions }: Maker,
  units: number,
): Begun => ({
  shard,
  runner,
  lease_id,
  start,
  positions,
  units,
});
