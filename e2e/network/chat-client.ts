import type { JobId } from "@infernet/schemas/ids";
import { JobId as JobIdSchema } from "@infernet/schemas/ids";
import OpenAI from "openai";
import type { ApiClient } from "./api-client.ts";

/** The official client, unchanged, with an account's key; it repeats nothing by itself. */
export const openaiOf = ({ url, key }: Pick<ApiClient, "url" | "key">): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, timeout: 120_000 });

export interface CompletionAsked {
  prompt: string;
  seed: number;
  tokens: number;
  temperature?: number;
}

export interface Heard {
  job: JobId;
  text: string;
  finish_reason: string | null;
  /** When each chunk with text came, in ms of `performance.now()`. */
  heard_ms: number[];
}

/**
 * Streams a completion to its end. Rejects as the client does when the stream breaks.
 *
 * @param onText told of the text so far with each piece
 */
export async function hearCompletion(
  client: OpenAI,
  model: string,
  { prompt, seed, tokens, temperature = 0.8 }: CompletionAsked,
  onText: (text: string, job: JobId) => void = () => undefined,
): Promise<Heard> {
  const { data, response } = await client.completions
    .create({ model, prompt, seed, max_tokens: tokens, temperature, stream: true })
    .withResponse();
  const job = JobIdSchema.parse(response.headers.get("infernet-job"));
  const heard: Heard = { job, text: "", finish_reason: null, heard_ms: [] };
  for await (const { choices } of data) {
    const [choice] = choices;
    if (choice === undefined) continue;
    heard.finish_reason = choice.finish_reason ?? heard.finish_reason;
    if (choice.text === "") continue;
    heard.text += choice.text;
    heard.heard_ms.push(performance.now());
    onText(heard.text, job);
  }
  return heard;
}
