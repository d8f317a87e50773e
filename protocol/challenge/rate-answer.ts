import type { Challenge, MeasuredSpeed } from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";

/**
 * What an answer says of a machine: how fast it was, and the reference cores that this comes to. One that was wrong or
 * late says that nothing it claims can be believed.
 * @param isRight whether the answer held in what was checked of it
 * @param elapsed_ms from handing the challenge out to its answer, by the clock of whoever hands out
 */
export function rateAnswer(
  { chains, segments, iterations }: Challenge,
  isRight: boolean,
  elapsed_ms: number,
  at_ms: number,
): MeasuredSpeed {
  const iterations_per_s = (chains * segments * iterations * 1_000) / Math.max(1, elapsed_ms);
  const passed = isRight && elapsed_ms <= LIMITS.challenge_answer_ms_max;
  const worth = Math.round(iterations_per_s / LIMITS.reference_core_iterations_per_s);
  const cores = passed ? Math.max(1, Math.min(chains, worth)) : 1;
  return { at_ms, passed, chains, iterations_per_s, cores };
}
