import { decode, encode } from "cborg";
import type { Bytes } from "./digest.ts";

/**
 * The compact binary form of messages that carry tensors: CBOR (RFC 8949) in its deterministic encoding
 * (section 4.2.1), media type `application/cbor`. Byte strings hold raw little-endian tensor data.
 */
export const BINARY_TYPE = "application/cbor";

export function encodeBinary(value: unknown): Bytes {
  // cborg may give a Buffer, whose slice() is a view: nobody behind this line should have to know.
  const { buffer, byteOffset, byteLength } = encode(value);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Throws on anything but one well-formed item in the shortest form: duplicate keys, tags, indefinite lengths and
 * trailing bytes are refused. Maps are taken in any order of keys.
 */
export function decodeBinary(bytes: Uint8Array): unknown {
  return decode(bytes, {
    strict: true,
    rejectDuplicateMapKeys: true,
    allowUndefined: false,
    allowIndefinite: false,
  });
}
