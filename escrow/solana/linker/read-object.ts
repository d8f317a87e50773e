import { LinkError } from "./link-error.ts";

/** Section types and flags of ELF-64 that matter here (System V ABI, chapter 4). */
export const SHT = { symtab: 2, nobits: 8, rel: 9 } as const;
export const SHF = { write: 1n, alloc: 2n, exec: 4n } as const;
export const STT_SECTION = 3;

export interface Section {
  name: string;
  type: number;
  flags: bigint;
  /** As long as the section, or empty for one without bytes in the file. */
  bytes: Uint8Array;
  size: number;
  /** For a symbol table: the section of its names. */
  link: number;
  /** For relocations: the section that they are about. */
  info: number;
}

export interface ObjectSymbol {
  name: string;
  type: number;
  /** Undefined for a symbol of elsewhere. */
  section: Section | undefined;
  value: number;
}

export interface Relocation {
  section: Section;
  offset: number;
  type: number;
  symbol: ObjectSymbol;
}

export interface BpfObject {
  sections: Section[];
  symbols: ObjectSymbol[];
  relocations: Relocation[];
}

const MAGIC = 0x464c457f;
const RELOCATABLE = 1;
const MACHINE_BPF = 247;
const CLASS_64_LITTLE = 0x0102;

/** Reads what clang's `-target bpf -c` writes: an ELF-64 object. Throws LinkError for anything else. */
export function readObject(object: Uint8Array): BpfObject {
  // A copy, because slices of a Buffer would share one memory.
  const bytes = new Uint8Array(object);
  const view = new DataView(bytes.buffer);
  const isObject =
    bytes.length >= 64 &&
    view.getUint32(0, true) === MAGIC &&
    view.getUint16(4, true) === CLASS_64_LITTLE &&
    view.getUint16(16, true) === RELOCATABLE &&
    view.getUint16(18, true) === MACHINE_BPF;
  if (!isObject) throw new LinkError("this is not a BPF object of clang");
  const sections = readSections(bytes, view);
  const table = sections.find(({ type }) => type === SHT.symtab);
  if (table === undefined) throw new LinkError("the object has no symbols");
  const symbols = readSymbols(table, sections);
  const relocations = sections
    .filter(({ type }) => type === SHT.rel)
    .flatMap((section) => readRelocations(section, sections, symbols));
  return { sections, symbols, relocations };
}

function readSections(bytes: Uint8Array, view: DataView): Section[] {
  const start = Number(view.getBigUint64(40, true));
  const sections = Array.from({ length: view.getUint16(60, true) }, (_, i) => {
    const at = start + 64 * i;
    const type = view.getUint32(at + 4, true);
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    return {
      name: "",
      nameAt: view.getUint32(at, true),
      type,
      flags: view.getBigUint64(at + 8, true),
      bytes: type === SHT.nobits ? new Uint8Array(0) : bytes.slice(offset, offset + size),
      size,
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
    };
  });
  const names = sections[view.getUint16(62, true)]?.bytes ?? new Uint8Array(0);
  return sections.map(({ nameAt, ...section }) => ({ ...section, name: readText(names, nameAt) }));
}

const SYMBOL_BYTES = 24;
/** Section numbers from here on mean something else than a section. */
const RESERVED = 0xff00;

function readSymbols(table: Section, sections: readonly Section[]): ObjectSymbol[] {
  const view = new DataView(table.bytes.buffer);
  const names = sections[table.link]?.bytes ?? new Uint8Array(0);
  return Array.from({ length: table.size / SYMBOL_BYTES }, (_, i) => {
    const at = SYMBOL_BYTES * i;
    const home = view.getUint16(at + 6, true);
    return {
      name: readText(names, view.getUint32(at, true)),
      type: view.getUint8(at + 4) & 15,
      section: home === 0 || home >= RESERVED ? undefined : sections[home],
      value: Number(view.getBigUint64(at + 8, true)),
    };
  });
}

const RELOCATION_BYTES = 16;

function readRelocations(
  table: Section,
  sections: readonly Section[],
  symbols: readonly ObjectSymbol[],
): Relocation[] {
  const view = new DataView(table.bytes.buffer);
  return Array.from({ length: table.size / RELOCATION_BYTES }, (_, i) => {
    const at = RELOCATION_BYTES * i;
    return {
      section: sections[table.info] as Section,
      offset: Number(view.getBigUint64(at, true)),
      type: view.getUint32(at + 8, true),
      symbol: symbols[view.getUint32(at + 12, true)] as ObjectSymbol,
    };
  });
}

function readText(names: Uint8Array, at: number): string {
  const end = names.indexOf(0, at);
  return new TextDecoder().decode(names.subarray(at, end < 0 ? names.length : end));
}
