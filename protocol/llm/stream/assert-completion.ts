import { InfernetError } from "@infernet/schemas/errors";
import type { Completion } from "@infernet/schemas/llm/generation";
import { type ShardStream, tokensOf } from "./shard-stream.ts";

/** What a request allows of its completion. */
export interface RowAllowance {
  tokens_max: number;
  /** Tokens that its prompt can have at most. */
  prompt_tokens_max: number;
  /** Of prompt and completion together. */
  context_tokens: number;
}

/** Throws `generation_invalid` where a completion says of itself what its request does not allow, or what cannot be. */
export function assertAllowed(row: number, completion: Completion, allowance: RowAllowance): void {
  const { usage, tokens, logprobs, evidence } = completion;
  const { prompt_tokens, cached_tokens, completion_tokens } = usage;
  const { tokens_max, prompt_tokens_max, context_tokens } = allowance;
  const refuse = (rule: string): never => {
    throw new InfernetError("generation_invalid", `row ${row}: ${rule}`);
  };
  if (tokens !== null && tokens.length !== completion_tokens)
    refuse(`${tokens.length} tokens, of which its usage counts ${completion_tokens}`);
  if (completion_tokens > tokens_max) refuse(`${completion_tokens} tokens; the request allows ${tokens_max}`);
  if (cached_tokens > prompt_tokens) refuse(`${cached_tokens} of ${prompt_tokens} tokens of the prompt kept`);
  if (prompt_tokens > prompt_tokens_max)
    refuse(`${prompt_tokens} tokens of the prompt; it can have ${prompt_tokens_max}`);
  if (prompt_tokens + completion_tokens > context_tokens)
    refuse(`${prompt_tokens + completion_tokens} tokens; the model takes ${context_tokens}`);
  if (logprobs !== null && tokens !== null && logprobs.length > tokens.length)
    refuse(`logprobs of ${logprobs.length} positions for ${tokens.length}`);
  if (evidence !== null && tokens !== null && evidence.margins.length !== tokens.length)
    refuse(`evidence of ${evidence.margins.length} positions for ${tokens.length}`);
}

/** Throws `stream_differs` unless a completion begins with all that was delivered of it. */
export function assertContinues(row: number, { tokens, text, usage }: Completion, stream: ShardStream): void {
  const { positions } = stream;
  if (positions === 0) return;
  const delivered = tokensOf(stream.parts);
  if (delivered !== null && tokens !== null) {
    const at = delivered.findIndex((token, n) => tokens[n] !== token);
    if (at >= 0)
      throw new InfernetError(
        "stream_differs",
        `row ${row}: token ${tokens[at] ?? "none"} at position ${at}, where ${delivered[at]} was delivered`,
      );
  } else if (usage.completion_tokens < positions && delivered !== null)
    throw new InfernetError(
      "stream_differs",
      `row ${row}: ${usage.completion_tokens} tokens, of which ${positions} were delivered`,
    );
  if (!text.startsWith(stream.text))
    throw new InfernetError("stream_differs", `row ${row}: its text does not begin with what was delivered`);
}

/** The parts of a completion that were not delivered, and the text that none of them holds. */
export function listRest(
  { tokens, text, logprobs }: Completion,
  { positions, text: delivered }: ShardStream,
): { parts: ShardStreamPart[]; rest: string } {
  const left = text.slice(delivered.length);
  const missing = (tokens ?? []).slice(positions);
  if (missing.length === 0) return { parts: [], rest: left };
  const parts = missing.map((token, n) => ({
    token,
    // Where each token's text ends is not told in an answer: all of it comes with the first.
    text: n === 0 ? left : "",
    logprob: logprobs?.[positions + n] ?? null,
  }));
  return { parts, rest: "" };
}

type ShardStreamPart = ShardStream["parts"][number];
