import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { z } from "zod";
import { type CompletionDecoder, decodeCompletion } from "./decode-completion.ts";
import { readJson, readTokenizer, type TokenizerFiles } from "./read-tokenizer.ts";
import { promptRenderer } from "./render-prompt.ts";
import { tokenBytes } from "./token-bytes.ts";

/** Between texts and the tokens of one model. */
export interface ModelText {
  /** The prompt's tokens, at least one. Throws `RefusedRequest`. */
  render(request: GenerationRequest): number[];
  /** Tokens that end a completion. */
  eos: ReadonlySet<number>;
  decoder(stop: readonly string[], given: Given | null): CompletionDecoder;
  /** One token for itself, as OpenAI's logprobs show it: half characters are U+FFFD in `token`. */
  tokenText(token: number): { token: string; bytes: number[] };
}

const Ends = z.looseObject({
  eos_token_id: z
    .union([
      z
        .int()
        .min(0)
        .transform((id) => [id]),
      z.array(z.int().min(0)),
    ])
    .nullish()
    .transform((ids) => ids ?? []),
});
const Config = Ends.extend({ vocab_size: z.int().min(1).optional() });

/**
 * Reads a model's tokenizer, chat template and ends from its folder in Hugging Face layout.
 *
 * @param context_tokens of prompt and completion together: prompts that are far longer are refused before they are read whole
 * @throws EngineFailure `model_unloadable`
 */
export async function openText(
  dir: string,
  context_tokens: number = LIMITS.context_tokens_max,
): Promise<ModelText> {
  const files = await readTokenizer(dir);
  const config = await readJson(dir, "config.json", Config);
  const generation = await readJson(dir, "generation_config.json", Ends);
  const bytes = tokenBytes(files.tokenizer, files.json);
  const vocabulary = config?.vocab_size ?? files.tokenizer.get_vocab().size;
  const renderPrompt = promptRenderer(files, { vocabulary, context_tokens });
  return {
    render: ({ prompt }) => renderPrompt(prompt),
    eos: new Set([...(generation?.eos_token_id ?? []), ...(config?.eos_token_id ?? []), ...endOf(files)]),
    decoder: (stop, given) => decodeCompletion(bytes, stop, given),
    tokenText: (token) => {
      const written = bytes.written(token).slice(0, LIMITS.token_chars_max);
      return { token: new TextDecoder("utf-8", { ignoreBOM: true }).decode(written), bytes: [...written] };
    },
  };
}

function endOf({ tokenizer, special }: TokenizerFiles): number[] {
  const end = tokenizer.token_to_id(special.get("eos_token") ?? "");
  return end === undefined ? [] : [end];
}
