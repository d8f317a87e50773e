import { z } from "zod";

const Call = z.looseObject({
  index: z.int().min(0).optional(),
  id: z.string().nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).optional(),
});

type Members = Record<string, unknown>;

/**
 * What OpenAI's message has beside role and content, from the deltas up to now and the next: texts go on, calls of tools
 * each by their index, and anything else is as it was said last.
 */
export function mergeDelta(message: Members, delta: Members): Members {
  const merged = { ...message };
  for (const [name, value] of Object.entries(delta)) {
    const before = merged[name];
    if (name === "tool_calls") merged[name] = mergeCalls(listOf(before), listOf(value));
    else merged[name] = typeof before === "string" && typeof value === "string" ? `${before}${value}` : value;
  }
  return merged;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function mergeCalls(before: readonly unknown[], pieces: readonly unknown[]): unknown[] {
  const calls = [...before];
  for (const raw of pieces) {
    const piece = Call.safeParse(raw).data;
    if (piece === undefined) continue;
    // A server that gives every call the same index still gives each an id of its own.
    const at = calls.findIndex((one) => isSame(Call.parse(one), piece));
    const known = at < 0 ? null : Call.parse(calls[at]);
    if (known === null) calls.push(piece);
    else
      calls[at] = {
        ...known,
        function: {
          ...known.function,
          arguments: `${known.function?.arguments ?? ""}${piece.function?.arguments ?? ""}`,
        },
      };
  }
  return calls;
}

const isSame = (known: z.infer<typeof Call>, piece: z.infer<typeof Call>): boolean =>
  known.index === piece.index && (!piece.id || piece.id === known.id);

/** Calls as a finished message has them: their order says what the index said. */
export function withoutIndexes({ tool_calls, ...message }: Members): Members {
  if (tool_calls === undefined) return message;
  const calls = listOf(tool_calls).map((call) => {
    const { index: _, ...rest } = Call.parse(call);
    return rest;
  });
  return { ...message, tool_calls: calls };
}
