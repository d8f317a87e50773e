import { LIMITS } from "@infernet/schemas/limits";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import { ServerUnusable } from "./ask-server.ts";
import type { Choice } from "./chunk.ts";

/** Members of a delta that say nothing by themselves, or stand elsewhere in a part. */
const SILENT = new Set(["role", "content"]);

/**
 * The positions that one event brings: one, or as many as it has logprobs for, as a server that sends several tokens
 * together has. Where their texts are not those of the tokens, the last has all of it. None for an event without anything.
 */
export function partsOfChoice({ delta, text: plain, logprobs }: Choice): TokenPart[] {
  const text = delta?.content ?? plain ?? "";
  if (!text.isWellFormed()) throw new ServerUnusable("its stream has half a character");
  if (text.length > LIMITS.part_chars_max)
    throw new ServerUnusable(
      `one event of its stream has more than ${LIMITS.part_chars_max} characters of text`,
    );
  const rest = Object.entries(delta ?? {}).filter(([name, value]) => !SILENT.has(name) && !isEmpty(value));
  const extra = rest.length > 0 ? { delta: Object.fromEntries(rest) } : {};
  const told = logprobs ?? [];
  const last = told.at(-1) ?? null;
  if (text === "" && rest.length === 0 && last === null) return [];
  const isSpelled = told.map(({ token }) => token).join("") === text;
  return [
    ...told.slice(0, -1).map((logprob) => ({ token: null, text: isSpelled ? logprob.token : "", logprob })),
    { token: null, text: isSpelled && last !== null ? last.token : text, logprob: last, ...extra },
  ];
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
