import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { GenerationSession } from "infernet-runner/engine/engine";
import { createLlmEngine } from "infernet-runner/engine/llm/llm-engine";
import { requestOf, TINYLM_DIR, tinylmManifest } from "infernet-runner/engine/llm/testing/tinylm";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { median } from "../quantile.ts";
import { measureRound, type Round } from "./measure-round.ts";
import { renderBatching } from "./render-batching.ts";

export interface BatchingReport {
  completions: number;
  positions: number;
  sandbox: string;
  settings: {
    temperature: number;
    alone_tokens_per_s: number;
    together_tokens_per_s: number;
    /** Of the neighbours in time: the median, the least and the most. */
    ratio: number;
    ratio_min: number;
    ratio_max: number;
    /** Time in the engine of a check, as a share of that of making the same completions one after the other, and together. */
    score_of_alone: number;
    score_of_together: number;
  }[];
}

const COMPLETIONS = 16;
const POSITIONS = 96;
const ROUNDS = 7;

/** 16 completions of a small model one after the other and all at once, by turns, and the same checked in one pass each. */
export async function benchBatching({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const { best } = await findBestSandbox();
  const engine = await createLlmEngine({ sandbox: best, threads: 1 });
  const session = await engine.loadGenerator(await tinylmManifest(), TINYLM_DIR);
  cleanup.add(() => session.close());
  const settings: BatchingReport["settings"] = [];
  for (const temperature of [0, 0.8]) {
    say(`temperature ${temperature}`);
    settings.push({ temperature, ...(await measure(session, temperature)) });
  }
  const report = { completions: COMPLETIONS, positions: POSITIONS, sandbox: best.level, settings };
  return { report, text: renderBatching(report) };
}

async function measure(session: GenerationSession, temperature: number) {
  const rounds: Round[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const measured = await measureRound(session, requestsOf(temperature, round));
    if (round >= 0) rounds.push(measured);
  }
  const ratios = rounds.map(({ alone_ms, together_ms }) => alone_ms / together_ms);
  const tokens = COMPLETIONS * POSITIONS * 1_000;
  return {
    alone_tokens_per_s: tokens / median(rounds.map(({ alone_ms }) => alone_ms)),
    together_tokens_per_s: tokens / median(rounds.map(({ together_ms }) => together_ms)),
    ratio: median(ratios),
    ratio_min: Math.min(...ratios),
    ratio_max: Math.max(...ratios),
    score_of_alone: median(rounds.map(({ compute }) => compute.score_ms / compute.alone_ms)),
    score_of_together: median(rounds.map(({ compute }) => compute.score_ms / compute.together_ms)),
  };
}

const requestsOf = (temperature: number, round: number): GenerationRequest[] =>
  Array.from({ length: COMPLETIONS }, (_, i) =>
    requestOf(`${i}.${round}.${temperature} You may copy and distribute the Program`, {
      ...{ temperature, seed: i, tokens_max: POSITIONS },
    }),
  );
