import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { GenerationSession } from "infernet-runner/engine/engine";
import type { CompletionAsked } from "../../network/chat-client.ts";
import type { StreamTimes } from "./stream-times.ts";

const TIMEOUT_MS = 120_000;

/** A completion by the engine alone, without a network. @returns its tokens too */
export async function streamDirectly(
  session: GenerationSession,
  { prompt, seed, tokens, temperature = 0.8 }: CompletionAsked,
): Promise<StreamTimes & { tokens: number }> {
  const request = GenerationRequest.parse({
    prompt: { kind: "text", text: prompt },
    sampling: { seed, temperature, tokens_max: tokens },
  });
  const heard_ms: number[] = [];
  const asked_ms = performance.now();
  const { generation } = await session.generate(request, {
    given: null,
    timeout_ms: TIMEOUT_MS,
    signal: new AbortController().signal,
    onPart: ({ text }) => {
      if (text !== "") heard_ms.push(performance.now());
    },
  });
  if ("error" in generation) throw new Error(generation.error.message);
  return { asked_ms, heard_ms, tokens: generation.usage.completion_tokens };
}
