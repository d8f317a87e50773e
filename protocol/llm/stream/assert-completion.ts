import { InfernetError } from "@infernet/schemas/errors";
import type { LeaseId } from "@infernet/schemas/ids";
import type { Completion, TokenPart } from "@infernet/schemas/llm/generation";
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

/**
 * The parts of a completion that were not delivered, and the text that none of them holds. Where the answer does not say which
 * text came with which position, all of it comes with the first.
 */
export function listRest(
  { tokens, text, logprobs, cuts }: Completion,
  { positions, text: delivered, makers }: ShardStream,
  lease_id: LeaseId,
): { parts: TokenPart[]; rest: string } {
  const left = text.slice(delivered.length);
  const start = makers.find((maker) => maker.lease_id === lease_id)?.start ?? positions;
  const own = cuts?.slice(positions - start);
  const count = tokens === null ? (own?.length ?? 0) : tokens.length - positions;
  let at = 0;
  const parts = Array.from({ length: Math.max(0, count) }, (_, n): TokenPart => {
    const from = at;
    at += own?.[n] ?? (own === undefined && n === 0 ? left.length : 0);
    return {
      token: tokens?.[positions + n] ?? null,
      text: left.slice(from, at),
      logprob: logprobs?.[positions + n] ?? null,
    };
  });
  return { parts, rest: left.slice(at) };
}
