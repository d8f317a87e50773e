import type { Bytes } from "@infernet/schemas/digest";
import { ByteWriter } from "../binary/byte-writer.ts";
import { OPCODE } from "../binary/opcode.ts";
import { type Limits, type ModuleParts, SECTION } from "../binary/read-module.ts";
import { refuseModule } from "../binary/refuse-module.ts";
import { VALUE_TYPES, type ValueType } from "../binary/value-type.ts";
import { type Added, bulkFunction, growFunction } from "./helper-functions.ts";
import { FUEL_EXPORT, globalExport, REFUSED_EXPORT, RESERVED_PREFIX } from "./reserved-names.ts";
import { rewriteBody } from "./rewrite-body.ts";

export interface Bounds {
  /** Pages of 64 KiB. */
  memory_pages_max: number;
  table_elements_max: number;
  /** What instantiating the module may spend; null where nothing is metered. */
  fuel: bigint | null;
}

export interface RewrittenModule {
  bytes: Bytes;
  /** Names of the added exports of its changing globals. */
  globals: string[];
  /** Whether memory and these globals are all that a call can change. */
  isRestorable: boolean;
}

/** The same module within bounds, with what the runner needs to watch it and to set it back. Throws `model_unloadable`. */
export function rewriteModule(parts: ModuleParts, bounds: Bounds): RewrittenModule {
  const taken = parts.exports.find(({ name }) => name.startsWith(RESERVED_PREFIX));
  if (taken)
    refuseModule(`the module exports '${taken.name}'; names with '${RESERVED_PREFIX}' are the runner's`);
  const { memory } = parts;
  if (!memory) return refuseModule("the module has no memory");
  const added = placeAdded(parts, bounds);
  const limits = clampMemory(memory, bounds);
  const code = writeCode(parts, limits.max, added);
  const changing = parts.globals.flatMap(({ isMutable, type }, index) =>
    isMutable ? [{ index, type }] : [],
  );
  const saved = changing.filter(({ type }) => type === "i32" || type === "i64");
  const out = new ByteWriter(code.bytes.byteLength + 4_096);
  out.raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  section(out, SECTION.type, list(parts.types.length + 1, raw(parts, SECTION.type), GROW_TYPE));
  copy(out, parts, SECTION.import, parts.imports.length);
  const ownTypes = added.fuel === null ? [parts.types.length] : [parts.types.length, parts.types.length];
  section(
    out,
    SECTION.function,
    list(parts.functions.length + ownTypes.length, raw(parts, SECTION.function), ...ownTypes.map(number)),
  );
  writeTables(out, parts, bounds.table_elements_max);
  section(out, SECTION.memory, list(1, limitsOf(limits)));
  section(out, SECTION.global, writeGlobals(parts, bounds));
  section(
    out,
    SECTION.export,
    writeExports(
      parts,
      saved.map(({ index }) => index),
      added,
    ),
  );
  for (const kept of [SECTION.start, SECTION.element, SECTION.data_count])
    section(out, kept, parts.raw.get(kept));
  section(out, SECTION.code, code.bytes);
  section(out, SECTION.data, parts.raw.get(SECTION.data));
  return {
    bytes: out.view(),
    globals: saved.map(({ index }) => globalExport(index)),
    isRestorable: !code.isLasting && saved.length === changing.length,
  };
}

/** (i32) -> (i32) */
const GROW_TYPE = Uint8Array.of(0x60, 1, 0x7f, 1, 0x7f);

function placeAdded(parts: ModuleParts, bounds: Bounds): Added {
  const functions = parts.imports.length + parts.functions.length;
  const globals = parts.globals.length;
  return {
    grow: functions,
    bulk: functions + 1,
    refused: globals,
    fuel: bounds.fuel === null ? null : globals + 1,
  };
}

function writeCode(
  parts: ModuleParts,
  pages_max: number,
  added: Added,
): { bytes: Bytes; isLasting: boolean } {
  const helpers = [growFunction(pages_max, added)];
  if (added.fuel !== null) helpers.push(bulkFunction(added.fuel));
  const code = new ByteWriter(65_536).u32(parts.bodies.length + helpers.length);
  const body = new ByteWriter(4_096);
  let isLasting = false;
  for (const source of parts.bodies) {
    body.clear();
    if (rewriteBody(source, added, body)) isLasting = true;
    code.sized(body.view());
  }
  for (const helper of helpers) code.sized(helper);
  return { bytes: code.view(), isLasting };
}

function clampMemory({ min, max }: Limits, { memory_pages_max }: Bounds): { min: number; max: number } {
  if (min > memory_pages_max)
    refuseModule(
      `the module begins with ${min} pages of memory; its manifest's memory_bytes allows ${memory_pages_max}`,
    );
  return { min, max: Math.min(max ?? memory_pages_max, memory_pages_max) };
}

function writeTables(out: ByteWriter, { tables }: ModuleParts, elements_max: number): void {
  if (tables.length === 0) return;
  const elements = tables.reduce((sum, { limits }) => sum + limits.min, 0);
  if (elements > elements_max)
    refuseModule(`the module begins with ${elements} table elements; there may be ${elements_max}`);
  const entries = tables.map(({ type, limits: { min, max } }) =>
    new ByteWriter()
      .byte(byteOf(type))
      .raw(limitsOf({ min, max: Math.min(max ?? elements_max, elements_max) }))
      .view(),
  );
  section(out, SECTION.table, list(tables.length, ...entries));
}

function writeGlobals(parts: ModuleParts, { fuel }: Bounds): Bytes {
  const refused = Uint8Array.of(byteOf("i32"), 1, OPCODE.i32_const, 0, OPCODE.end);
  const entries = [raw(parts, SECTION.global), refused];
  if (fuel !== null)
    entries.push(
      new ByteWriter().byte(byteOf("i64")).byte(1).byte(OPCODE.i64_const).s64(fuel).byte(OPCODE.end).view(),
    );
  return list(parts.globals.length + entries.length - 1, ...entries);
}

const GLOBAL_EXPORT = 3;

function writeExports(parts: ModuleParts, saved: readonly number[], added: Added): Bytes {
  const own: [string, number][] = saved.map((index) => [globalExport(index), index]);
  own.push([REFUSED_EXPORT, added.refused]);
  if (added.fuel !== null) own.push([FUEL_EXPORT, added.fuel]);
  const entries = own.map(([name, index]) =>
    new ByteWriter().name(name).byte(GLOBAL_EXPORT).u32(index).view(),
  );
  return list(parts.exports.length + own.length, raw(parts, SECTION.export), ...entries);
}

const byteOf = (type: ValueType): number =>
  Number(Object.entries(VALUE_TYPES).find(([, name]) => name === type)?.[0]);

const limitsOf = ({ min, max }: Limits): Bytes =>
  (max === null ? new ByteWriter().byte(0).u32(min) : new ByteWriter().byte(1).u32(min).u32(max)).view();

const number = (value: number): Bytes => new ByteWriter().u32(value).view();

const raw = (parts: ModuleParts, name: number): Uint8Array => parts.raw.get(name) ?? new Uint8Array();

function list(count: number, ...entries: readonly Uint8Array[]): Bytes {
  const out = new ByteWriter().u32(count);
  for (const entry of entries) out.raw(entry);
  return out.view();
}

function copy(out: ByteWriter, parts: ModuleParts, name: number, count: number): void {
  if (count > 0) section(out, name, list(count, raw(parts, name)));
}

function section(out: ByteWriter, name: number, content: Uint8Array | undefined): void {
  if (content !== undefined) out.byte(name).sized(content);
}
