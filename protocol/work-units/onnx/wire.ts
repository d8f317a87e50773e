import type { PbfReader } from "pbf";
import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";

/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

const malformed = () => new Uncountable("is malformed or cut short");

/** Calls back for each field up to `end`. What the callback leaves unread is skipped, not copied. */
export function readFields(reader: PbfReader, end: number, onField: (field: number) => void): void {
  for (let field = reader.nextField(end); field !== 0; field = reader.nextField(end)) onField(field);
  if (reader.pos !== end) throw malformed();
}

/** Where the message, string or list begun here ends. */
export function readEnd(reader: PbfReader): number {
  if (reader.type !== BYTES) throw malformed();
  const length = reader.readVarint();
  const end = reader.pos + length;
  if (end > reader.length) throw malformed();
  return end;
}

export function readMessage(reader: PbfReader, onField: (field: number) => void): void {
  readFields(reader, readEnd(reader), onField);
}

/** A name, of at most `name_bytes_max`. */
export function readName(reader: PbfReader): string {
  const start = reader.pos;
  const end = readEnd(reader);
  if (end - reader.pos > COUNT_LIMITS.name_bytes_max)
    throw new Uncountable(`has a name above ${COUNT_LIMITS.name_bytes_max} bytes`);
  reader.pos = start;
  return reader.readString();
}

/** An int64. Beyond 2^53 it is infinite, which is how "to the end" is often written. */
export function readInteger(reader: PbfReader): number {
  if (reader.type !== VARINT) throw malformed();
  return readNextInteger(reader);
}

export function readFloat(reader: PbfReader): number {
  if (reader.type !== FIXED32) throw malformed();
  return reader.readFloat();
}

/** Appends an int64, or a packed list of them; past `max` in all, `onExcess` decides and the rest is skipped. */
export function readIntegers(reader: PbfReader, into: number[], max: number, onExcess: () => void): void {
  readRepeated(reader, VARINT, into, max, onExcess, readNextInteger);
}

export function readFloats(reader: PbfReader, into: number[], max: number, onExcess: () => void): void {
  readRepeated(reader, FIXED32, into, max, onExcess, (from) => from.readFloat());
}

function readRepeated(
  reader: PbfReader,
  single: number,
  into: number[],
  max: number,
  onExcess: () => void,
  readNext: (reader: PbfReader) => number,
): void {
  if (reader.type === single) {
    into.push(readNext(reader));
  } else {
    const end = readEnd(reader);
    while (reader.pos < end && into.length <= max) into.push(readNext(reader));
    if (into.length <= max && reader.pos !== end) throw malformed();
    reader.pos = end;
  }
  if (into.length <= max) return;
  into.length = max;
  onExcess();
}

function readNextInteger(reader: PbfReader): number {
  const value = reader.readVarint(true);
  if (Number.isSafeInteger(value)) return value;
  return value < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
