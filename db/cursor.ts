import { InfernetError } from "@infernet/schemas/errors";
import { base64urlnopad } from "@scure/base";
import type { z } from "zod";

/** An opaque place in a list: what the page's last item is sorted by. */
export function encodeCursor(place: unknown): string {
  return base64urlnopad.encode(new TextEncoder().encode(JSON.stringify(place)));
}

/** Throws `request_invalid` on anything that `encodeCursor` did not make for this list. */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.output<Schema> | null {
  if (cursor === undefined) return null;
  const parsed = schema.safeParse(decoded(cursor));
  if (parsed.success) return parsed.data;
  throw new InfernetError("request_invalid", "The cursor is not one that this list gave out.", {
    errors: [{ pointer: "/cursor", detail: "take `next_cursor` of the page before, unchanged" }],
  });
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(base64urlnopad.decode(cursor)));
  } catch {
    return undefined;
  }
}
