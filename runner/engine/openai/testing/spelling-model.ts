import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Answer, delta, ended, event, openStream, sendJson, usage } from "./fake-server.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const TOKEN_CHARS = 2;
const TOKEN_MS = 20;

/** Whoever says this is answered slowly. */
export const SLOWLY = "slowly";
/** What the model is told at most, in characters. */
export const PROMPT_CHARS_MAX = 1_000;

const Body = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })),
  max_tokens: z.int().default(16),
  stop: z.array(z.string()).default([]),
});

/** The same two letters at a position, whatever was asked. */
const tokenAt = (position: number): string =>
  `${LETTERS[position % LETTERS.length]}${LETTERS[Math.floor(position / 3) % LETTERS.length]}`;

/** What it says in so many tokens from the beginning on. */
export const spelled = (tokens: number, first = 0): string =>
  Array.from({ length: tokens }, (_, i) => tokenAt(first + i)).join("");

/** Answers a chat as a model would that knows the alphabet, from where an assistant's message leaves off. */
export const spell: Answer = async (response, { body }) => {
  const { model, messages, max_tokens, stop } = Body.parse(body);
  const say = (data: object): string => event({ ...data, model });
  const last = messages.at(-1);
  const prompt = messages.map(({ content }) => content).join("");
  if (prompt.length > PROMPT_CHARS_MAX)
    return sendJson(response, 400, { error: { message: "the prompt is longer than the context" } });
  const first = last?.role === "assistant" ? last.content.length / TOKEN_CHARS : 0;
  const whole = spelled(max_tokens, first);
  const end = Math.min(...stop.map((text) => whole.indexOf(text)).filter((at) => at >= 0), whole.length);
  const text = whole.slice(0, end);
  openStream(response);
  for (let at = 0; at < text.length && !response.destroyed; at += TOKEN_CHARS) {
    if (prompt.includes(SLOWLY)) await sleep(TOKEN_MS);
    response.write(say(delta(text.slice(at, at + TOKEN_CHARS))));
  }
  response.write(say(ended(end < whole.length ? "stop" : "length")));
  response.end(`${say(usage(prompt.length, Math.ceil(text.length / TOKEN_CHARS)))}${event("[DONE]")}`);
};
