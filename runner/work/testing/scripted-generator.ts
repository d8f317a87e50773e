import { setImmediate as turn } from "node:timers/promises";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Completion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { BLOCK_TOKENS, type TokenBlock } from "@infernet/schemas/llm/token-block";
import type { GenerateOptions, GenerationEngine, GenerationSession } from "../../engine/engine.ts";
import { untilAborted } from "../../until-aborted.ts";

/** An engine for tests of what stands around it: token n of a completion is n more than its seed, and takes one step. */
export interface ScriptedGenerator extends GenerationEngine {
  readonly session: GenerationSession;
  /** Completions in its hands now, and the most there ever were. */
  readonly atWork: number;
  readonly at_work_max: number;
  /** Resolves before each step of the completion with this seed; held back, nothing of it is made. */
  gate: (seed: number) => Promise<void>;
  /** What the next completions fail with. */
  failure: Error | null;
}

export const SCRIPTED_CLASS = ExecutionClass.parse("llm/scripted/cpu/fp32");

const tokenAt = (seed: number, position: number): number => seed + position;
export const textOf = (seed: number, end: number, start = 0): string =>
  Array.from({ length: end - start }, (_, i) => `${tokenAt(seed, start + i)} `).join("");

/** @param at_once_max completions that it makes at once */
export function createScriptedGenerator(at_once_max = 32): ScriptedGenerator {
  let atWork = 0;
  let at_work_max = 0;
  const engine: ScriptedGenerator = {
    offer: {
      engine: "llm",
      version: "scripted",
      execution_provider: "cpu",
      formats: ["hf"],
      sandbox: "none",
    },
    get atWork() {
      return atWork;
    },
    get at_work_max() {
      return at_work_max;
    },
    gate: () => turn(),
    failure: null,
    get session() {
      return session;
    },
    loadGenerator: async () => session,
  };

  const session: GenerationSession = {
    execution_class: SCRIPTED_CLASS,
    at_once_max,
    generate: async (request, options) => {
      atWork += 1;
      at_work_max = Math.max(at_work_max, atWork);
      try {
        return { generation: await make(request, options), compute_ms: 1 };
      } finally {
        atWork -= 1;
      }
    },
    score: async (request, given) => {
      const tokens = given.tokens ?? [];
      return { generation: completionOf(request, tokens), compute_ms: 1 };
    },
    close: async () => undefined,
  };

  async function make(request: GenerationRequest, options: GenerateOptions): Promise<Completion> {
    const { seed, tokens_max } = request.sampling;
    const tokens = [...(options.given?.tokens ?? [])];
    while (tokens.length < tokens_max) {
      await untilAborted(engine.gate(seed), options.signal);
      if (engine.failure !== null) throw engine.failure;
      const position = tokens.length;
      const token = tokenAt(seed, position);
      tokens.push(token);
      const block = blockOf(tokens, tokens.length === tokens_max);
      options.onPart?.({ token, text: `${token} `, logprob: null }, block);
    }
    return completionOf(request, tokens);
  }
  return engine;
}

function completionOf(request: GenerationRequest, tokens: number[]): Completion {
  const usage = { prompt_tokens: 3, cached_tokens: 1, completion_tokens: tokens.length };
  const text = textOf(request.sampling.seed, tokens.length);
  const margins = tokens.map(() => 0);
  const evidence = { fingerprint: Buffer.alloc(48 * tokens.length).toString("base64"), margins };
  return { text, tokens, finish_reason: "length", usage, logprobs: null, evidence };
}

/** The block that the last token completes. */
function blockOf(tokens: readonly number[], isLast: boolean): TokenBlock | null {
  if (!isLast && tokens.length % BLOCK_TOKENS !== 0) return null;
  const start = Math.floor((tokens.length - 1) / BLOCK_TOKENS) * BLOCK_TOKENS;
  const ofBlock = tokens.slice(start);
  const margins = ofBlock.map(() => 0);
  return { start, tokens: ofBlock, fingerprint: new Uint8Array(48 * ofBlock.length), margins };
}

export const givenOf = (seed: number, positions: number): Given => ({
  tokens: Array.from({ length: positions }, (_, i) => tokenAt(seed, i)),
  positions,
  text: textOf(seed, positions),
});
