import { isCompletion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { GenerationSession } from "infernet-runner/engine/engine";

export interface Round {
  alone_ms: number;
  together_ms: number;
  /** Time in the engine alone, of all completions together. */
  compute: { alone_ms: number; together_ms: number; score_ms: number };
}

const PATIENT = { timeout_ms: 120_000, signal: new AbortController().signal };

/**
 * All requests one after the other, then all at once, then what came of them checked, one after the other. Their prompts
 * are shorter than a block, so that nothing is kept of them from one to the other.
 */
export async function measureRound(
  session: GenerationSession,
  requests: readonly GenerationRequest[],
): Promise<Round> {
  const alone: Made[] = [];
  const alone_ms = await timeOf(async () => {
    for (const request of requests) alone.push(await generate(session, request));
  });
  let together: Made[] = [];
  const together_ms = await timeOf(async () => {
    together = await Promise.all(requests.map((request) => generate(session, request)));
  });
  const compute = { alone_ms: computeOf(alone), together_ms: computeOf(together), score_ms: 0 };
  for (const [i, { given }] of alone.entries()) {
    const request = requests[i];
    if (request) compute.score_ms += (await session.score?.(request, given, PATIENT))?.compute_ms ?? 0;
  }
  return { alone_ms, together_ms, compute };
}

interface Made {
  given: Given;
  compute_ms: number;
}

async function generate(session: GenerationSession, request: GenerationRequest): Promise<Made> {
  const options = { ...PATIENT, given: null, onPart: () => undefined };
  const { generation, compute_ms } = await session.generate(request, options);
  if (!isCompletion(generation)) throw new Error(generation.error.message);
  const { text, tokens } = generation;
  return { given: { text, tokens, positions: tokens?.length ?? 0 }, compute_ms };
}

const computeOf = (made: readonly Made[]): number =>
  made.reduce((sum, { compute_ms }) => sum + compute_ms, 0);

async function timeOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
