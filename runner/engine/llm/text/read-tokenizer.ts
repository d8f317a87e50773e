import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { EngineFailure } from "../../engine-failure.ts";

const Token = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
]);

const SPECIAL_TOKENS = [
  "bos_token",
  "eos_token",
  "unk_token",
  "sep_token",
  "pad_token",
  "cls_token",
  "mask_token",
] as const;

const TokenizerConfig = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
});

const SpecialTokens = z.partialRecord(z.enum(SPECIAL_TOKENS), Token.nullish());

const TokenDecoder = z.looseObject({
  type: z.string(),
  pattern: z.looseObject({ String: z.string().optional() }).optional(),
  content: z.string().optional(),
});
export type TokenDecoder = z.infer<typeof TokenDecoder>;

const Decoder = TokenDecoder.extend({ decoders: z.array(TokenDecoder).optional() });

const TokenizerJson = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().min(0), content: z.string(), special: z.boolean().default(false) }))
    .default([]),
  decoder: Decoder.nullish().transform((decoder) => decoder ?? null),
  model: z.looseObject({}),
});
export type TokenizerJson = z.infer<typeof TokenizerJson>;

/** A model's tokenizer in Hugging Face layout. */
export interface TokenizerFiles {
  tokenizer: Tokenizer;
  json: TokenizerJson;
  /** Texts of the special tokens, by their role: `bos_token` and so on. */
  special: ReadonlyMap<string, string>;
  chat_template: string | null;
}

/**
 * Reads `tokenizer.json`, and beside it `tokenizer_config.json` and `chat_template.jinja` where they are.
 * @throws EngineFailure `model_unloadable`
 */
export async function readTokenizer(dir: string): Promise<TokenizerFiles> {
  const json = await readJson(dir, "tokenizer.json", TokenizerJson);
  if (json === null) throw new EngineFailure("model_unloadable", "the model has no tokenizer.json");
  const config = (await readJson(dir, "tokenizer_config.json", TokenizerConfig)) ?? {};
  const special = Object.fromEntries(SPECIAL_TOKENS.map((name) => [name, config[name]]));
  return {
    tokenizer: createTokenizer(json, config),
    json,
    special: new Map(
      Object.entries(SpecialTokens.catch({}).parse(special)).flatMap(([name, text]) =>
        text ? [[name, text]] : [],
      ),
    ),
    chat_template: (await readIfThere(dir, "chat_template.jinja")) ?? templateOf(config.chat_template),
  };
}

function createTokenizer(json: TokenizerJson, config: object): Tokenizer {
  try {
    return new Tokenizer({ normalizer: null, pre_tokenizer: null, post_processor: null, ...json }, config);
  } catch (error) {
    throw new EngineFailure("model_unloadable", `tokenizer.json is no tokenizer that is known: ${error}`);
  }
}

function templateOf(found: z.infer<typeof TokenizerConfig>["chat_template"]): string | null {
  if (typeof found === "string") return found;
  return (found?.find(({ name }) => name === "default") ?? found?.[0])?.template ?? null;
}

/** A JSON file of the model's folder, or null where there is none. */
export async function readJson<T>(dir: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readIfThere(dir, name);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new EngineFailure("model_unloadable", `${name} cannot be read: ${what}`);
  }
}

async function readIfThere(dir: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(dir, name), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
