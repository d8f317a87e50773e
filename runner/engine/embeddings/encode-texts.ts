import type { Tensor } from "@infernet/schemas/tensor";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { EngineFailure } from "../engine-failure.ts";
import type { TokenizerFiles } from "../llm/text/read-tokenizer.ts";

/** One text as an encoder takes it. */
export interface EncodedText {
  ids: number[];
  /** As many. */
  token_types: number[];
}

/**
 * The tokens of each row's text, with those that the tokenizer puts around it.
 * @throws EngineFailure `input_mismatch` with the row's number
 */
export function encodeTexts(
  { tokenizer }: TokenizerFiles,
  texts: Tensor,
  context_tokens: number,
): EncodedText[] {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return splitBytes(texts.data).map((bytes, row) => {
    const refuse = (why: string) => new EngineFailure("input_mismatch", `the text of row ${row} ${why}`);
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      throw refuse("is not UTF-8");
    }
    const { ids, token_type_ids } = tokenizer.encode(text, { return_token_type_ids: true });
    if (ids.length === 0) throw refuse("has no tokens");
    // A tokenizer without a token for what it does not know gives none there.
    if (ids.some((id) => id === undefined)) throw refuse("has characters that the model has no tokens for");
    if (ids.length > context_tokens)
      throw refuse(`has ${ids.length} tokens; the model takes ${context_tokens}`);
    return { ids, token_types: token_type_ids ?? ids.map(() => 0) };
  });
}
