import { compareGenerations, type GenerationComparison } from "@infernet/protocol/llm/compare-generations";
import { generationTolerances } from "@infernet/protocol/llm/generation-tolerances";
import type { Completion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Zone } from "@infernet/schemas/verification";
import { quantile } from "../../bench/quantile.ts";
import { CONTEXT_TOKENS, type TextMachine } from "./text-machine.ts";

/** What a machine says of completions, its own or those that it checked. */
export interface Told {
  machine: TextMachine;
  completions: readonly Completion[];
}

/** Holds answers against a check of them as the edge does, one by one. */
export function compareTold(
  requests: readonly GenerationRequest[],
  answers: Told,
  checks: Told,
): GenerationComparison[] {
  const bounds = generationTolerances(null, answers.machine.execution_class, checks.machine.execution_class);
  return answers.completions.map((answer, i) => {
    const tokens_max = requests[i]?.sampling.tokens_max ?? 0;
    const rules = { tokens_max, context_tokens: CONTEXT_TOKENS };
    return compareGenerations([checks.completions[i] ?? null], [answer], bounds, () => ({
      kind: "answer",
      rules,
      begun: [],
    }));
  });
}

/** Has answers checked by a machine. */
export async function checkAnswers(
  requests: readonly GenerationRequest[],
  answers: Told,
  checker: TextMachine,
): Promise<GenerationComparison[]> {
  const completions = await checker.check(requests, answers.completions);
  return compareTold(requests, answers, { machine: checker, completions });
}

/** What came of many comparisons. */
export class Tally {
  readonly zones: Record<Zone, number> = { match: 0, unclear: 0, fraud: 0 };
  readonly #deviations: number[] = [];
  readonly #choices: number[] = [];

  add(compared: readonly GenerationComparison[]): void {
    for (const { zone, deviation, angle } of compared) {
      this.zones[zone] += 1;
      if (deviation !== null) this.#deviations.push(deviation);
      if (angle !== null) this.#choices.push(angle);
    }
  }

  get count(): number {
    return this.zones.match + this.zones.unclear + this.zones.fraud;
  }

  get fraudShare(): number {
    return this.zones.fraud / this.count;
  }

  deviationAt = (share: number): number | null => at(this.#deviations, share);
  choiceAt = (share: number): number | null => at(this.#choices, share);
}

const at = (values: readonly number[], share: number): number | null =>
  values.length === 0 ? null : quantile([...values], share);
