const CAPACITY_FIRST = 256;

/** Bytes that are appended to, in one piece of memory. */
export class ByteSink {
  #buffer = new Uint8Array(CAPACITY_FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view that the next call spoils. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a base-128 varint (https://protobuf.dev/programming-guides/encoding/#varints). */
  appendVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#appendByte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#appendByte(rest);
  }

  clear(): void {
    this.#length = 0;
  }

  #appendByte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
