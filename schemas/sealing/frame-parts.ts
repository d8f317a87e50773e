import type { Bytes } from "../digest.ts";

const LENGTH_BYTES = 4;
const utf8 = new TextEncoder();

/** A number of 32 bits, little-endian. */
export function renderUint32(value: number): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** Each part behind its length (4 bytes, little-endian), so that no two lists of parts have the same bytes. */
export function frameParts(parts: readonly (Uint8Array | string)[]): Bytes {
  return joinParts(
    parts.flatMap((part) => {
      const bytes = typeof part === "string" ? utf8.encode(part) : part;
      return [renderUint32(bytes.length), bytes];
    }),
  );
}

export function joinParts(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
