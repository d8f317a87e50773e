/** The unit of a tar archive (POSIX ustar, IEEE Std 1003.1 pax). */
export const TAR_BLOCK_BYTES = 512;

export interface TarEntry {
  name: string;
  /** As it stands in the header: `0` or NUL for a file. */
  type: string;
  size: number;
}

const FIELD = {
  name: [0, 100],
  size: [124, 136],
  checksum: [148, 156],
  type: [156, 157],
  magic: [257, 262],
  prefix: [345, 500],
} as const;

/** Bytes up to the end of the block that `size` bytes end in. */
export const padded = (size: number): number => Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;

export const isTarHeader = (block: Uint8Array): boolean =>
  block.length >= TAR_BLOCK_BYTES && text(block, FIELD.magic) === "ustar";

/** Reads one header. Null for the block of zeros that ends an archive. Throws RangeError when it is none. */
export function readTarHeader(block: Uint8Array): TarEntry | null {
  if (block.every((byte) => byte === 0)) return null;
  const stored = Number.parseInt(text(block, FIELD.checksum).trim(), 8);
  if (!isTarHeader(block) || stored !== checksum(block)) throw new RangeError("a header is damaged");
  // Sizes of 8 GiB and more are written in binary; nothing here may be so large.
  const size = Number.parseInt(text(block, FIELD.size).trim(), 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError("a size cannot be read");
  const prefix = text(block, FIELD.prefix);
  const name = text(block, FIELD.name);
  return { name: prefix === "" ? name : `${prefix}/${name}`, type: text(block, FIELD.type), size };
}

/** A file with its header, filled up to whole blocks. */
export function writeTarFile(name: string, data: Uint8Array, mode = 0o644): Buffer {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  if (Buffer.byteLength(name) > FIELD.name[1]) throw new RangeError(`'${name}' is too long for a tar header`);
  header.write(name, 0);
  header.write(octal(mode, 7) + octal(0, 7) + octal(0, 7), 100);
  header.write(octal(data.length, 11) + octal(0, 11), FIELD.size[0]);
  header.write("0", FIELD.type[0]);
  header.write("ustar\x0000", FIELD.magic[0]);
  header.write(`${octal(checksum(header), 6)} `, FIELD.checksum[0]);
  return Buffer.concat([header, data, Buffer.alloc(padded(data.length) - data.length)]);
}

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

/** The sum of a header's bytes, those of the sum itself taken for spaces. */
function checksum(block: Uint8Array): number {
  const [start, end] = FIELD.checksum;
  return block.reduce((sum, byte, i) => sum + (i >= start && i < end ? 0x20 : byte), 0);
}

function text(block: Uint8Array, [start, end]: readonly [number, number]): string {
  const field = block.subarray(start, end);
  const nul = field.indexOf(0);
  return new TextDecoder("latin1").decode(nul < 0 ? field : field.subarray(0, nul));
}
