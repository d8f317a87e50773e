import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { TokenBlock } from "@infernet/schemas/llm/token-block";
import type { GenerationRun, GenerationSession, RunOptions } from "../engine/engine.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { startStallLimit } from "./stall-limit.ts";

export interface RowTask extends RunOptions {
  task: "generate" | "score";
  given: Given | null;
  onPart(part: TokenPart, block: TokenBlock | null): void;
}

/** Completes one request, or says how likely what is given of it was. Rejects when the engine makes no token any more. */
export async function generateRow(
  session: GenerationSession,
  request: GenerationRequest,
  { task, given, onPart, timeout_ms, signal }: RowTask,
): Promise<GenerationRun> {
  const stall = startStallLimit();
  const options: RunOptions = { timeout_ms, signal: AbortSignal.any([signal, stall.signal]) };
  try {
    if (task === "score") return await score(session, request, given, options);
    return await session.generate(request, {
      ...options,
      given: given === null || given.positions === 0 ? null : given,
      onPart: (part, block) => {
        stall.progressed();
        onPart(part, block);
      },
    });
  } finally {
    stall.lift();
  }
}

function score(
  session: GenerationSession,
  request: GenerationRequest,
  given: Given | null,
  options: RunOptions,
): Promise<GenerationRun> {
  if (given === null) throw new EngineFailure("input_mismatch", "nothing is given that could be scored");
  if (session.score === null)
    throw new EngineFailure("engine_error", `${session.execution_class} cannot score completions`);
  return session.score(request, given, options);
}
