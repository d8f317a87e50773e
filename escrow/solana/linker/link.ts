import { LinkError } from "./link-error.ts";
import { murmur3 } from "./murmur3.ts";
import {
  type BpfObject,
  type ObjectSymbol,
  type Relocation,
  readObject,
  type Section,
  SHF,
  SHT,
  STT_SECTION,
} from "./read-object.ts";
import { SYSCALLS } from "./syscalls.ts";
import { CODE_BASE, writeProgram } from "./write-program.ts";

/** Relocations of LLVM's BPF back end: a `lddw`, a word in a table of constants, a call. */
const R_BPF_64_64 = 1;
const R_BPF_64_ABS64 = 2;
const R_BPF_64_32 = 10;

/** No constant lies at address 0, where a pointer to it would pass for none. */
const CONSTANTS_START = 8;

interface Image {
  bytes: Uint8Array;
  view: DataView;
  base: bigint;
  /** Where each of its sections begins. */
  at: Map<Section, number>;
}

/** Makes an sBPF v3 program of one BPF object. Throws LinkError for what would not work, or not mean the same, on chain. */
export function link(object: Uint8Array): Uint8Array<ArrayBuffer> {
  const parsed = readObject(object);
  const loaded = parsed.sections.filter(({ flags, size }) => (flags & SHF.alloc) !== 0n && size > 0);
  for (const { name, flags, type } of loaded) {
    const isWritable = (flags & SHF.write) !== 0n || type === SHT.nobits;
    if (isWritable) throw new LinkError(`${name} is writable: a program has no global variables`);
  }
  const isCode = ({ flags }: Section): boolean => (flags & SHF.exec) !== 0n;
  const code = layOut(loaded.filter(isCode), 0, CODE_BASE);
  const constants = layOut(
    loaded.filter((section) => !isCode(section)),
    CONSTANTS_START,
    0n,
  );
  for (const relocation of parsed.relocations) {
    const image = [code, constants].find(({ at }) => at.has(relocation.section));
    if (image !== undefined) relocate(relocation, image, [code, constants]);
  }
  checkInstructions(code);
  return writeProgram({ constants: constants.bytes, code: code.bytes, entry: findEntry(parsed, code) });
}

function layOut(sections: readonly Section[], start: number, base: bigint): Image {
  const at = new Map<Section, number>();
  let end = sections.length === 0 ? 0 : start;
  for (const section of sections) {
    at.set(section, end);
    end = (end + section.size + 7) & ~7;
  }
  const bytes = new Uint8Array(end);
  for (const [section, offset] of at) bytes.set(section.bytes, offset);
  return { bytes, view: new DataView(bytes.buffer), base, at };
}

function relocate(relocation: Relocation, { view, at }: Image, images: readonly Image[]): void {
  const { section, offset, type, symbol } = relocation;
  const here = (at.get(section) as number) + offset;
  if (type === R_BPF_64_32) {
    relocateCall(view, here, symbol, images);
    return;
  }
  const address = addressOf(symbol, images);
  if (type === R_BPF_64_64) {
    const value = address + BigInt(view.getUint32(here + 4, true));
    view.setUint32(here + 4, Number(value & 0xffff_ffffn), true);
    view.setUint32(here + 12, Number(value >> 32n), true);
  } else if (type === R_BPF_64_ABS64) {
    view.setBigUint64(here, address + view.getBigUint64(here, true), true);
  } else {
    throw new LinkError(`a relocation of type ${type} in ${section.name} is unknown`);
  }
}

function addressOf({ name, section, value }: ObjectSymbol, images: readonly Image[]): bigint {
  if (section === undefined) throw new LinkError(`${name} is not defined`);
  const image = images.find(({ at }) => at.has(section));
  if (image === undefined) throw new LinkError(`${section.name} is not loaded`);
  return image.base + BigInt((image.at.get(section) as number) + value);
}

/** The immediate of a call is a system call's hash, or how many instructions behind the next one its target lies. */
function relocateCall(view: DataView, here: number, symbol: ObjectSymbol, images: readonly Image[]): void {
  if (symbol.section === undefined) {
    if (!SYSCALLS.has(symbol.name)) throw new LinkError(`${symbol.name} is not a system call that we make`);
    view.setUint8(here + 1, view.getUint8(here + 1) & 0x0f);
    view.setUint32(here + 4, murmur3(symbol.name), true);
    return;
  }
  const address = addressOf(symbol, images);
  if (address < CODE_BASE) throw new LinkError(`a call to ${symbol.section.name} leaves the code`);
  const inSection = symbol.type === STT_SECTION ? 8 * (view.getInt32(here + 4, true) + 1) : 0;
  const target = Number(address - CODE_BASE) + inSection;
  view.setInt32(here + 4, (target - here) / 8 - 1, true);
}

const LDDW = 0x18;
const CLASS = 0x07;
const CLASS_ALU32 = 0x04;
const CLASS_JMP32 = 0x06;
/** Byte swaps belong to the class of 32-bit arithmetic, whatever their width. */
const SWAPS: ReadonlySet<number> = new Set([0xd4, 0xdc]);

/**
 * Refuses 32-bit instructions: sBPF extends the sign of 32-bit sums, differences and products where LLVM means zeros, so
 * that what `-mcpu=v3` makes runs and is wrong. `-mcpu=v2` makes none.
 */
function checkInstructions({ view }: Image): void {
  for (let at = 0; at < view.byteLength; at += 8) {
    const opcode = view.getUint8(at);
    const kind = opcode & CLASS;
    if ((kind === CLASS_ALU32 && !SWAPS.has(opcode)) || kind === CLASS_JMP32) {
      throw new LinkError(`instruction ${at / 8} is a 32-bit one (0x${opcode.toString(16)}): use -mcpu=v2`);
    }
    if (opcode === LDDW) at += 8;
  }
}

const ENTRY = "entrypoint";

function findEntry({ symbols }: BpfObject, code: Image): number {
  const symbol = symbols.find(({ name }) => name === ENTRY);
  const at = symbol?.section === undefined ? undefined : code.at.get(symbol.section);
  if (symbol === undefined || at === undefined) throw new LinkError(`there is no function ${ENTRY}`);
  return at + symbol.value;
}
