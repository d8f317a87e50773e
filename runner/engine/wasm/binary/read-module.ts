import { ByteReader } from "./byte-reader.ts";
import { OPCODE } from "./opcode.ts";
import { readInstruction } from "./read-instruction.ts";
import { refuseModule } from "./refuse-module.ts";
import { readValueType, type ValueType } from "./value-type.ts";

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Limits {
  readonly min: number;
  /** Null where the module names none. */
  readonly max: number | null;
}

export interface ModuleExport {
  readonly name: string;
  readonly kind: "function" | "table" | "memory" | "global";
  readonly index: number;
}

/** What a module declares, and its other sections as they are. */
export interface ModuleParts {
  readonly types: readonly FunctionType[];
  /** Functions alone: nothing else may be imported. */
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: number }[];
  /** The type of each function of its own. */
  readonly functions: readonly number[];
  readonly tables: readonly { readonly type: ValueType; readonly limits: Limits }[];
  readonly memory: Limits | null;
  readonly globals: readonly { readonly type: ValueType; readonly isMutable: boolean }[];
  readonly exports: readonly ModuleExport[];
  /** One body for each of `functions`, without its size. */
  readonly bodies: readonly ByteReader[];
  /** The bytes of a section by its number, without the count of its entries where they are parsed too. */
  readonly raw: ReadonlyMap<number, Uint8Array>;
}

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  data_count: 12,
  tag: 13,
} as const;

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const CORE_VERSION = [1, 0, 0, 0];
const FUNCTION_TYPE = 0x60;
const EXPORT_KINDS = ["function", "table", "memory", "global"] as const;

/**
 * Reads a module of WebAssembly 2.0 as far as it has to be known to bound it. Custom sections are left out. Throws
 * `model_unloadable` where it is not one, or asks for what no module gets; the rest is for the compiler to refuse.
 */
export function readModule(bytes: Uint8Array): ModuleParts {
  const reader = new ByteReader(bytes);
  if (bytes.byteLength < 8 || MAGIC.some((byte, i) => byte !== bytes[i]))
    refuseModule("the file is not a WebAssembly module");
  if (CORE_VERSION.some((byte, i) => byte !== bytes[4 + i]))
    refuseModule("the file is a WebAssembly component or of an unknown version, not a module of version 1");
  reader.skip(8);
  const sections = new Map<number, ByteReader>();
  while (!reader.isAtEnd) {
    const number = reader.byte();
    const section = reader.part(reader.u32());
    if (number === SECTION.custom) continue;
    if (number === SECTION.tag)
      refuseModule("the module uses exceptions, which are not part of WebAssembly 2.0");
    if (number > SECTION.tag || sections.has(number))
      refuseModule(`the module has a section ${number} too many`);
    sections.set(number, section);
  }
  return readSections(sections);
}

function readSections(sections: ReadonlyMap<number, ByteReader>): ModuleParts {
  const raw = new Map<number, Uint8Array>();
  const list = <T>(number: number, entry: (reader: ByteReader) => T): T[] => {
    const section = sections.get(number);
    if (!section) return [];
    const count = section.u32();
    raw.set(number, section.bytes.subarray(section.offset, section.end));
    const entries: T[] = [];
    for (let i = 0; i < count; i++) entries.push(entry(section));
    if (!section.isAtEnd) refuseModule(`section ${number} of the module goes on behind its end`);
    return entries;
  };
  for (const number of [SECTION.start, SECTION.element, SECTION.data, SECTION.data_count]) {
    const section = sections.get(number);
    if (section) raw.set(number, section.bytes.subarray(section.offset, section.end));
  }
  const parts = {
    types: list(SECTION.type, readFunctionType),
    imports: list(SECTION.import, readImport),
    functions: list(SECTION.function, (reader) => reader.u32()),
    tables: list(SECTION.table, readTable),
    memories: list(SECTION.memory, readMemory),
    globals: list(SECTION.global, readGlobal),
    exports: list(SECTION.export, readExport),
    bodies: list(SECTION.code, (reader) => reader.part(reader.u32())),
  };
  if (parts.memories.length > 1) refuseModule("the module has more than one memory");
  if (parts.bodies.length !== parts.functions.length) refuseModule("the module has functions without code");
  const { memories, ...others } = parts;
  return { ...others, memory: memories[0] ?? null, raw };
}

function readFunctionType(reader: ByteReader): FunctionType {
  if (reader.byte() !== FUNCTION_TYPE)
    refuseModule("the module uses garbage-collected types, which are not part of WebAssembly 2.0");
  const types = (): ValueType[] => Array.from({ length: boundedCount(reader) }, () => readValueType(reader));
  return { parameters: types(), results: types() };
}

/** A count of entries of a byte or more: a false one cannot make this allocate more than the module's size. */
function boundedCount(reader: ByteReader): number {
  const count = reader.u32();
  if (count > reader.end - reader.offset) refuseModule("the module ends within one of its parts");
  return count;
}

function readImport(reader: ByteReader): ModuleParts["imports"][number] {
  const module = reader.name();
  const name = reader.name();
  const kind = EXPORT_KINDS[reader.byte()] ?? "tag";
  if (kind !== "function")
    refuseModule(`the module imports the ${kind} ${module}.${name}; it must have its own`);
  return { module, name, type: reader.u32() };
}

function readTable(reader: ByteReader): ModuleParts["tables"][number] {
  const type = readValueType(reader);
  if (type !== "funcref" && type !== "externref") refuseModule(`the module has a table of ${type}`);
  return { type, limits: readLimits(reader, "table") };
}

const readMemory = (reader: ByteReader): Limits => readLimits(reader, "memory");

const HAS_MAX = 1;
const IS_SHARED = 2;
const IS_64_BIT = 4;

function readLimits(reader: ByteReader, what: string): Limits {
  const flags = reader.byte();
  if (flags & IS_SHARED) refuseModule(`the module has a shared ${what}, which threads are for`);
  if (flags & IS_64_BIT)
    refuseModule(`the module has a ${what} of 64-bit addresses, which is not part of WebAssembly 2.0`);
  if (flags > HAS_MAX) refuseModule(`the module has a ${what} of an unknown kind`);
  const min = reader.u32();
  return { min, max: flags & HAS_MAX ? reader.u32() : null };
}

function readGlobal(reader: ByteReader): ModuleParts["globals"][number] {
  const type = readValueType(reader);
  const isMutable = reader.byte() === 1;
  while (readInstruction(reader) !== OPCODE.end);
  return { type, isMutable };
}

function readExport(reader: ByteReader): ModuleExport {
  const name = reader.name();
  const kind =
    EXPORT_KINDS[reader.byte()] ?? refuseModule(`the module exports '${name}' as an unknown thing`);
  return { name, kind, index: reader.u32() };
}
