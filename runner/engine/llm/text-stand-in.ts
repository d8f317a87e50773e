import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";

export interface CompletionDecoder {
  push(token: number): { text: string; stopped: boolean };
  end(): string;
}
export interface ModelText {
  render(request: GenerationRequest): number[];
  readonly eos: ReadonlySet<number>;
  decoder(stop: string[], given: Given | null): CompletionDecoder;
  tokenText(token: number): { token: string; bytes: number[] };
}
export async function openText(dir: string): Promise<ModelText> {
  const json = async (name: string) => JSON.parse(await readFile(join(dir, name), "utf8"));
  const tokenizer = new Tokenizer(await json("tokenizer.json"), await json("tokenizer_config.json"));
  return {
    eos: new Set([(await json("generation_config.json")).eos_token_id]),
    render: ({ prompt }) =>
      prompt.kind === "tokens"
        ? prompt.tokens
        : tokenizer.encode(prompt.kind === "text" ? prompt.text : JSON.stringify(prompt.messages)).ids,
    decoder: (stop) => {
      let held = "";
      return {
        push: (token) => {
          held += tokenizer.decode([token]);
          const at = Math.min(...stop.map((one) => held.indexOf(one)).filter((found) => found !== -1));
          if (Number.isFinite(at)) {
            const text = held.slice(0, at);
            held = "";
            return { text, stopped: true };
          }
          const keep = Math.max(0, ...stop.map((one) => one.length - 1));
          const text = held.slice(0, Math.max(0, held.length - keep));
          held = held.slice(text.length);
          return { text, stopped: false };
        },
        end: () => held,
      };
    },
    tokenText: (token) => ({ token: tokenizer.decode([token]), bytes: [] }),
  };
}
