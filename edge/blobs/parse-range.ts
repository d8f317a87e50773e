import { InfernetError } from "@infernet/schemas/errors";
import type { ByteRange } from "./blob-store.ts";

/**
 * The part that a `Range` header (RFC 9110 section 14.2) asks for; null for all of it. Several ranges and unknown units
 * are ignored, as the RFC allows. Throws `range_unsatisfiable`.
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (!match || (first === "" && last === "")) return null;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return null;
  if (start >= bytes) {
    throw new InfernetError(
      "range_unsatisfiable",
      `The blob has ${bytes} bytes; the range starts at ${start}.`,
      {
        headers: { "Content-Range": `bytes */${bytes}` },
      },
    );
  }
  return { start, length: end - start + 1 };
}
