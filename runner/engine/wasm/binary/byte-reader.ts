import { refuseModule } from "./refuse-module.ts";

const U32_LEB_BYTES_MAX = 5;
const LEB_BYTES_MAX = 10;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads the binary format of WebAssembly (https://www.w3.org/TR/wasm-core-2/#binary-format), forwards. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.byteLength) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    if (this.offset >= this.end) refuseModule("the module ends within one of its parts");
    return this.bytes[this.offset++] ?? 0;
  }

  u32(): number {
    let value = 0;
    for (let i = 0; i < U32_LEB_BYTES_MAX; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    return refuseModule("the module has a number that is larger than 32 bits");
  }

  /** Passes over a LEB128 number of any width and returns its last byte, whose bit 6 is the sign. */
  skipNumber(): number {
    for (let i = 0; i < LEB_BYTES_MAX; i++) {
      const byte = this.byte();
      if (byte < 0x80) return byte;
    }
    return refuseModule("the module has a number that is larger than 64 bits");
  }

  skip(count: number): void {
    if (count > this.end - this.offset) refuseModule("the module ends within one of its parts");
    this.offset += count;
  }

  /** The next `count` bytes as a view. */
  take(count: number): Uint8Array {
    const start = this.offset;
    this.skip(count);
    return this.bytes.subarray(start, this.offset);
  }

  /** A reader of the next `count` bytes alone, which this one has then passed. */
  part(count: number): ByteReader {
    const start = this.offset;
    this.skip(count);
    return new ByteReader(this.bytes, start, this.offset);
  }

  name(): string {
    try {
      return decoder.decode(this.take(this.u32()));
    } catch (error) {
      if (error instanceof TypeError) return refuseModule("the module has a name that is not UTF-8");
      throw error;
    }
  }
}
