import type { ByteReader } from "./byte-reader.ts";
import { OPCODE } from "./opcode.ts";
import { refuseModule } from "./refuse-module.ts";
import { isValueType } from "./value-type.ts";

/** What follows an opcode: numbers, bytes, or something that has to be looked at. */
type Immediate = "number" | "byte" | "memory" | "align" | "block" | "labels" | "types" | "reference" | number;

const MEMARG: readonly Immediate[] = ["align", "number"];

/** Immediates of the one-byte opcodes of WebAssembly 2.0; none at all where there is no entry of this or of `REFUSED`. */
const PLAIN: Readonly<Record<number, readonly Immediate[]>> = {
  ...each(0x02, 0x04, ["block"]),
  ...each(0x0c, 0x0d, ["number"]),
  14: ["labels"],
  16: ["number"],
  17: ["number", "number"],
  28: ["types"],
  ...each(0x20, 0x26, ["number"]),
  ...each(0x28, 0x3e, MEMARG),
  ...each(0x3f, 0x40, ["memory"]),
  ...each(0x41, 0x42, ["number"]),
  67: [4],
  68: [8],
  208: ["reference"],
  210: ["number"],
};

/** The same of the opcodes behind 0xfc. */
const MISCELLANEOUS: Readonly<Record<number, readonly Immediate[]>> = {
  ...each(0, 7, []),
  8: ["number", "memory"],
  9: ["number"],
  10: ["memory", "memory"],
  11: ["memory"],
  12: ["number", "number"],
  13: ["number"],
  14: ["number", "number"],
  ...each(15, 17, ["number"]),
};

/** The same of the vector opcodes, behind 0xfd; none where there is no entry. */
const VECTOR: Readonly<Record<number, readonly Immediate[]>> = {
  ...each(0, 11, MEMARG),
  ...each(12, 13, [16]),
  ...each(21, 34, ["byte"]),
  ...each(84, 91, [...MEMARG, "byte"]),
  ...each(92, 93, MEMARG),
};
/** The first of the relaxed vector instructions, whose results may differ between machines. */
const RELAXED_FIRST = 0x100;

/** What this engine leaves out, by the opcodes that belong to it. */
const REFUSED: Readonly<Record<number, string>> = {
  ...each(0x06, 0x0a, "exceptions"),
  18: "tail calls",
  19: "tail calls",
  20: "typed function references",
  21: "typed function references",
  24: "exceptions",
  25: "exceptions",
  31: "exceptions",
  ...each(0xd3, 0xd6, "typed references"),
  251: "garbage-collected types",
  254: "threads",
};
const PLAIN_LAST_NUMERIC = 0xc4;

function each<T>(first: number, last: number, value: T): Record<number, T> {
  return Object.fromEntries(Array.from({ length: last - first + 1 }, (_, i) => [first + i, value]));
}

/**
 * Passes over one instruction of WebAssembly 2.0 and returns its opcode; a prefixed one's is `prefix * 0x1000` and the
 * number behind it. Throws `model_unloadable` for instructions of later versions, naming what they belong to.
 */
export function readInstruction(reader: ByteReader): number {
  const opcode = reader.byte();
  if (opcode === OPCODE.miscellaneous) return readPrefixed(reader, opcode, MISCELLANEOUS[peek(reader)]);
  if (opcode === OPCODE.vector) {
    const vector = peek(reader);
    if (vector >= RELAXED_FIRST)
      refuseModule("the module uses relaxed SIMD, whose results may differ between machines");
    return readPrefixed(reader, opcode, VECTOR[vector] ?? []);
  }
  const immediates = PLAIN[opcode];
  if (immediates) {
    for (const immediate of immediates) skipImmediate(reader, immediate);
    return opcode;
  }
  const feature = REFUSED[opcode];
  if (feature) refuseModule(`the module uses ${feature}, which are not part of WebAssembly 2.0`);
  const isKnown = opcode <= PLAIN_LAST_NUMERIC || opcode === OPCODE.ref_is_null;
  return isKnown ? opcode : refuseModule(`the module has an unknown instruction 0x${opcode.toString(16)}`);
}

function peek(reader: ByteReader): number {
  const { offset } = reader;
  const number = reader.u32();
  reader.offset = offset;
  return number;
}

function readPrefixed(
  reader: ByteReader,
  prefix: number,
  immediates: readonly Immediate[] | undefined,
): number {
  const number = reader.u32();
  if (!immediates)
    return refuseModule(`the module has an unknown instruction 0x${prefix.toString(16)} ${number}`);
  for (const immediate of immediates) skipImmediate(reader, immediate);
  return prefix * 0x1000 + number;
}

function skipImmediate(reader: ByteReader, immediate: Immediate): void {
  if (typeof immediate === "number") {
    reader.skip(immediate);
    return;
  }
  switch (immediate) {
    case "number":
      reader.skipNumber();
      return;
    case "byte":
      reader.byte();
      return;
    case "memory":
      if (reader.byte() !== 0) refuseModule("the module uses a second memory");
      return;
    case "align":
      // Bit 6 announces the number of a memory.
      if (reader.u32() >= 0x40) refuseModule("the module uses a second memory");
      return;
    case "block":
      skipBlockType(reader);
      return;
    case "labels":
      for (let left = reader.u32() + 1; left > 0; left--) reader.skipNumber();
      return;
    case "types":
      for (let left = reader.u32(); left > 0; left--) assertValueType(reader.byte());
      return;
    case "reference":
      assertValueType(reader.byte());
      return;
    default:
      immediate satisfies never;
  }
}

const EMPTY_BLOCK = 0x40;

/** Nothing, a value type, or the number of a function type. */
function skipBlockType(reader: ByteReader): void {
  const start = reader.offset;
  const last = reader.skipNumber();
  if ((last & 0x40) === 0) return;
  const isOneByte = reader.offset - start === 1;
  if (!isOneByte || last !== EMPTY_BLOCK) assertValueType(isOneByte ? last : 0);
}

function assertValueType(byte: number): void {
  if (!isValueType(byte))
    refuseModule(`the module has a type 0x${byte.toString(16)}, which WebAssembly 2.0 lacks`);
}
