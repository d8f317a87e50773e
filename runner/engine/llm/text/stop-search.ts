/** Text that comes in pieces, up to the first stop text. */
export interface StopSearch {
  /** Takes more text and gives what is certain to come before any stop. */
  add(text: string): string;
  /** No more text comes: gives what was held back. */
  end(): string;
  readonly isStopped: boolean;
}

/**
 * Stops where the first of the stop texts is complete, read character by character, so that it does not matter how the text is
 * cut; of several that are complete there, the longest counts. What may still become a stop is held back.
 */
export function searchStops(stops: readonly string[]): StopSearch {
  let held = "";
  let isStopped = false;

  const give = (length: number): string => {
    const given = held.slice(0, wholeCharacters(held, length));
    held = held.slice(given.length);
    return given;
  };

  return {
    get isStopped() {
      return isStopped;
    },
    add(text) {
      if (isStopped) return "";
      held += text;
      const start = startOfFirst(held, stops);
      if (start === null) return give(held.length - mayBecome(held, stops));
      isStopped = true;
      return give(start);
    },
    end() {
      if (isStopped) return "";
      isStopped = true;
      return give(held.length);
    },
  };
}

/** Where the stop begins that is complete first, or null. */
function startOfFirst(text: string, stops: readonly string[]): number | null {
  const [first] = stops
    .map((stop) => ({ start: text.indexOf(stop), length: stop.length }))
    .filter(({ start }) => start >= 0)
    .sort((a, b) => a.start + a.length - (b.start + b.length) || b.length - a.length);
  return first?.start ?? null;
}

/** Length of the longest end of the text with which a stop begins. */
function mayBecome(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** `length`, or one less where that would cut a pair of surrogates. */
function wholeCharacters(text: string, length: number): number {
  const isCut = length > 0 && length < text.length && (text.codePointAt(length - 1) ?? 0) > 0xffff;
  return isCut ? length - 1 : length;
}
