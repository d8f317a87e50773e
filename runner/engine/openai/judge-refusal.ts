import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationError } from "@infernet/schemas/llm/generation";
import { z } from "zod";
import { parseJson } from "./ask-server.ts";

/** The request's own fault, which another machine would find too; or the server's, told in words. */
export type Refused = { error: GenerationError } | { failure: string };

/** As the servers write it: OpenAI's shape, an older one of vLLM, a bare text, FastAPI's. */
const Told = z.union([
  z
    .looseObject({ error: z.looseObject({ message: z.string(), type: z.string().nullish() }) })
    .transform(({ error }) => `${error.type ?? ""} ${error.message}`),
  z.looseObject({ error: z.string() }).transform(({ error }) => error),
  z.looseObject({ message: z.string() }).transform(({ message }) => message),
  z.looseObject({ detail: z.unknown() }).transform(({ detail }) => JSON.stringify(detail) ?? ""),
]);

const TOO_LONG =
  /context|too long|too many tokens|maximum.{0,20}(length|tokens)|exceed.{0,40}(tokens|size|length)/i;
const UNSUPPORTED = /support|not implemented|not available|requires? (the )?--|not enabled/i;

/** What an answer of 400 or more means, or an error within a stream, of which `status` is the code. */
export function judgeRefusal(status: number, text: string): Refused {
  const told = Told.safeParse(parseJson(text)).data?.trim() ?? "";
  const message = withoutPlaces(told).slice(0, LIMITS.failure_detail_chars_max / 2);
  // A model that is not there, a key that is wrong, a server that is busy: elsewhere it may be otherwise.
  const isRequests = [400, 413, 415, 422, 501].includes(status);
  if (!isRequests) return { failure: `the server answers ${status}${message === "" ? "" : `: ${message}`}` };
  const code =
    status === 413 || TOO_LONG.test(told)
      ? "context_too_long"
      : status === 501 || UNSUPPORTED.test(told)
        ? "request_unsupported"
        : "request_invalid";
  return { error: { code, message: message === "" ? `the server answers ${status}` : message } };
}

/** Paths and addresses of the owner's machine are nobody's business. */
const withoutPlaces = (text: string): string =>
  text
    .replace(/\b[a-z]+:\/\/\S+/gi, "<address>")
    .replace(/(?:\b[A-Za-z]:\\|(?<![\w<])\/)[\w.@~+-]+(?:[\\/][\w.@~+-]+)+/g, "<path>");
