const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
/** Where sBPF version 3 puts the code. */
const CODE_ADDRESS = 0x1_0000_0000n;
const MACHINE_SBPF = 247;

/** `ldxb r0, [r1 + 16]; exit`: without accounts, the instruction's data begins 16 bytes into the input. */
const CODE = Buffer.from("7110100000000000" + "9500000000000000", "hex");

/**
 * The smallest useful program, an ELF file of sBPF version 3: the first byte of its instruction's data is its error, and 0
 * is success. It is called without accounts.
 */
export function tinyProgram(): Uint8Array {
  const offset = HEADER_BYTES + SEGMENT_BYTES;
  const file = Buffer.alloc(offset + CODE.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16); // a shared object
  file.writeUInt16LE(MACHINE_SBPF, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(CODE_ADDRESS, 24); // entry
  file.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  file.writeUInt32LE(3, 48); // flags: the sBPF version
  file.writeUInt16LE(HEADER_BYTES, 52);
  file.writeUInt16LE(SEGMENT_BYTES, 54);
  file.writeUInt16LE(1, 56); // segments
  file.writeUInt32LE(1, HEADER_BYTES); // loaded
  file.writeUInt32LE(1, HEADER_BYTES + 4); // executable
  file.writeBigUInt64LE(BigInt(offset), HEADER_BYTES + 8);
  file.writeBigUInt64LE(CODE_ADDRESS, HEADER_BYTES + 16);
  file.writeBigUInt64LE(CODE_ADDRESS, HEADER_BYTES + 24);
  file.writeBigUInt64LE(BigInt(CODE.length), HEADER_BYTES + 32);
  file.writeBigUInt64LE(BigInt(CODE.length), HEADER_BYTES + 40);
  file.set(CODE, offset);
  return Uint8Array.from(file);
}
