import type { Given } from "@infernet/schemas/llm/lease-generation";
import { searchStops } from "./stop-search.ts";
import type { TokenBytes } from "./token-bytes.ts";

/** The text of a completion, token by token. */
export interface CompletionDecoder {
  /** `text`: whole characters only, which may be of earlier tokens. Once `stopped` nothing more comes. */
  push(token: number): { text: string; stopped: boolean };
  /** No more tokens come: what was held back. Bytes that are no character are U+FFFD, as ever. */
  end(): string;
}

/**
 * The texts joined are the same wherever the tokens are interrupted: given tokens are read again, and their text is not given
 * again.
 */
export function decodeCompletion(
  bytes: TokenBytes,
  stop: readonly string[],
  given: Given | null,
): CompletionDecoder {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const search = searchStops(stop);
  const push = (token: number) => {
    const text = search.add(utf8.decode(bytes.of(token), { stream: true }));
    return { text, stopped: search.isStopped };
  };
  for (const token of given?.tokens ?? []) push(token);
  return { push, end: () => search.add(utf8.decode()) + search.end() };
}
