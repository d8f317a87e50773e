/** What is to stand in an object, by names. */
export interface ObjectSpec {
  /** Flags: a is loaded, w written, x run, b without bytes in the file. */
  sections: readonly { name: string; flags: string; bytes: readonly number[] }[];
  /** A symbol without a section is of elsewhere. */
  symbols: readonly { name: string; section?: string; value?: number; isSection?: boolean }[];
  relocations: readonly { section: string; offset: number; type: number; symbol: string }[];
  hasSymbols?: boolean;
}

interface Part {
  name: string;
  type: number;
  flags: number;
  bytes: Uint8Array;
  link: number;
  info: number;
}

const PROGBITS = 1;
const SYMTAB = 2;
const STRTAB = 3;
const NOBITS = 8;
const REL = 9;
const SECTION = 3;

/** Writes the ELF-64 object that clang would, for tests to link without a compiler. */
export function makeObject(spec: ObjectSpec): Uint8Array {
  const names = textTable(spec.symbols.map(({ name }) => name));
  const sections: Part[] = spec.sections.map(({ name, flags, bytes }) => ({
    name,
    type: flags.includes("b") ? NOBITS : PROGBITS,
    flags: (flags.includes("w") ? 1 : 0) | (flags.includes("a") ? 2 : 0) | (flags.includes("x") ? 4 : 0),
    bytes: Uint8Array.from(bytes),
    link: 0,
    info: 0,
  }));
  const home = (name: string): number => 1 + spec.sections.findIndex((section) => section.name === name);
  const relocations = spec.sections.flatMap(({ name }): Part[] => {
    const own = spec.relocations.filter(({ section }) => section === name);
    const words = own.flatMap(({ offset, type, symbol }) => [
      ...word(offset, 8),
      ...word(type, 4),
      ...word(1 + spec.symbols.findIndex((candidate) => candidate.name === symbol), 4),
    ]);
    const part = { name: `.rel${name}`, type: REL, flags: 0, bytes: Uint8Array.from(words), link: 0 };
    return own.length === 0 ? [] : [{ ...part, info: home(name) }];
  });
  const symbols = spec.symbols.flatMap(({ name, section, value = 0, isSection = false }) => [
    ...word(names.at(name), 4),
    isSection ? SECTION : 0x10,
    0,
    ...word(section === undefined ? 0 : home(section), 2),
    ...word(value, 8),
    ...word(0, 8),
  ]);
  const table = {
    name: ".symtab",
    type: SYMTAB,
    flags: 0,
    bytes: Uint8Array.from([...word(0, 24), ...symbols]),
  };
  const tables: Part[] =
    spec.hasSymbols === false
      ? []
      : [
          { ...table, link: sections.length + relocations.length + 2, info: 0 },
          { name: ".strtab", type: STRTAB, flags: 0, bytes: names.bytes, link: 0, info: 0 },
        ];
  return assemble([...sections, ...relocations, ...tables]);
}

function assemble(parts: readonly Part[]): Uint8Array {
  const names = textTable([...parts.map(({ name }) => name), ".shstrtab"]);
  const last = { name: ".shstrtab", type: STRTAB, flags: 0, bytes: names.bytes, link: 0, info: 0 };
  const bodies: number[] = [];
  const heads: number[] = word(0, 64);
  for (const { name, type, flags, bytes, link, info } of [...parts, last]) {
    heads.push(...word(names.at(name), 4), ...word(type, 4), ...word(flags, 8), ...word(0, 8));
    heads.push(...word(64 + bodies.length, 8), ...word(bytes.length, 8), ...word(link, 4), ...word(info, 4));
    heads.push(...word(8, 8), ...word(0, 8));
    if (type !== NOBITS) bodies.push(...bytes);
    while (bodies.length % 8 !== 0) bodies.push(0);
  }
  const count = parts.length + 2;
  const identity = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...word(0, 8)];
  const header = [
    ...identity,
    ...word(1, 2),
    ...word(247, 2),
    ...word(1, 4),
    ...word(0, 16),
    ...word(64 + bodies.length, 8),
    ...word(0, 4),
    ...word(64, 2),
    ...word(0, 4),
    ...word(64, 2),
    ...word(count, 2),
    ...word(count - 1, 2),
  ];
  return Uint8Array.from([...header, ...bodies, ...heads]);
}

/** Texts one after the other, each ended by 0, behind an empty one. */
function textTable(names: readonly string[]): { bytes: Uint8Array; at(name: string): number } {
  const offsets = new Map<string, number>([["", 0]]);
  const bytes = [0];
  for (const name of names) {
    if (offsets.has(name)) continue;
    offsets.set(name, bytes.length);
    bytes.push(...new TextEncoder().encode(name), 0);
  }
  return { bytes: Uint8Array.from(bytes), at: (name) => offsets.get(name) as number };
}

const word = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i < 6 ? Math.floor(value / 2 ** (8 * i)) % 256 : 0));
