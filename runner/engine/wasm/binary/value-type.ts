import type { ByteReader } from "./byte-reader.ts";
import { refuseModule } from "./refuse-module.ts";

/** The value types of WebAssembly 2.0, by the byte that stands for each. */
export const VALUE_TYPES = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
  111: "externref",
} as const;
export type ValueType = (typeof VALUE_TYPES)[keyof typeof VALUE_TYPES];

const BY_BYTE: Readonly<Record<number, ValueType>> = VALUE_TYPES;

export const isValueType = (byte: number): boolean => byte in BY_BYTE;

export function readValueType(reader: ByteReader): ValueType {
  const byte = reader.byte();
  return (
    BY_BYTE[byte] ?? refuseModule(`the module has a type 0x${byte.toString(16)}, which WebAssembly 2.0 lacks`)
  );
}
