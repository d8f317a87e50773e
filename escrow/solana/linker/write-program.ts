/** Where the machine maps a program's code; its constants are mapped at 0. */
export const CODE_BASE = 0x1_0000_0000n;

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const READABLE = 4;
const EXECUTABLE = 1;

export interface Program {
  /** Constants, or nothing; a multiple of 8 bytes. */
  constants: Uint8Array;
  /** A multiple of 8 bytes. */
  code: Uint8Array;
  /** Offset of the entry point in the code. */
  entry: number;
}

/**
 * An sBPF v3 executable in the strict form of SIMD-0189: an ELF-64 header, one loaded segment of constants where there are
 * any and one of code, one behind the other; nothing is left to relocate and there are no sections.
 */
export function writeProgram({ constants, code, entry }: Program): Uint8Array<ArrayBuffer> {
  const segments = constants.length === 0 ? 1 : 2;
  const start = HEADER_BYTES + segments * SEGMENT_BYTES;
  const bytes = new Uint8Array(start + constants.length + code.length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, segments, CODE_BASE + BigInt(entry));
  const codeHead = HEADER_BYTES + (segments - 1) * SEGMENT_BYTES;
  if (segments === 2) writeSegment(view, HEADER_BYTES, READABLE, start, 0n, constants.length);
  writeSegment(view, codeHead, EXECUTABLE, start + constants.length, CODE_BASE, code.length);
  bytes.set(constants, start);
  bytes.set(code, start + constants.length);
  return bytes;
}

const MAGIC = 0x464c457f;
/** 64-bit, little-endian, version 1. */
const IDENTITY = 0x010102;
const SHARED_OBJECT = 3;
const MACHINE_BPF = 247;
const SBPF_VERSION = 3;

function writeHeader(view: DataView, segments: number, entry: bigint): void {
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, IDENTITY, true);
  view.setUint16(16, SHARED_OBJECT, true);
  view.setUint16(18, MACHINE_BPF, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry, true);
  view.setBigUint64(32, BigInt(HEADER_BYTES), true);
  view.setUint32(48, SBPF_VERSION, true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_BYTES, true);
  view.setUint16(56, segments, true);
  view.setUint16(58, SECTION_HEADER_BYTES, true);
}

const SECTION_HEADER_BYTES = 64;
const LOADED = 1;

function writeSegment(
  view: DataView,
  at: number,
  flags: number,
  offset: number,
  address: bigint,
  size: number,
): void {
  view.setUint32(at, LOADED, true);
  view.setUint32(at + 4, flags, true);
  view.setBigUint64(at + 8, BigInt(offset), true);
  view.setBigUint64(at + 16, address, true);
  view.setBigUint64(at + 24, address, true);
  view.setBigUint64(at + 32, BigInt(size), true);
  view.setBigUint64(at + 40, BigInt(size), true);
  view.setBigUint64(at + 48, 8n, true);
}
