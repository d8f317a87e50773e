import type { Bytes } from "./digest.ts";

/** BYTES data: each element is its length (4 bytes, little-endian) and then that many bytes. */
const LENGTH_BYTES = 4;

/**
 * Where each element starts, and the end: one more offset than elements. Null when the data is not exactly
 * `count` elements.
 */
export function frameBytes(data: Bytes, count: number): Float64Array | null {
  // Each element takes at least its length, so a false count cannot make this allocate more than the data's size.
  if (count * LENGTH_BYTES > data.byteLength) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const offsets = new Float64Array(count + 1);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    offsets[i] = offset;
    if (offset + LENGTH_BYTES > data.byteLength) return null;
    offset += LENGTH_BYTES + view.getUint32(offset, true);
  }
  offsets[count] = offset;
  return offset === data.byteLength ? offsets : null;
}

/** The elements of BYTES data as views. Throws RangeError when the framing is broken. */
export function splitBytes(data: Bytes): Bytes[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const elements: Bytes[] = [];
  for (let offset = 0; offset < data.byteLength; ) {
    const start = offset + LENGTH_BYTES;
    const end = start + view.getUint32(offset, true);
    if (end > data.byteLength)
      throw new RangeError(`a BYTES element ends at ${end} of ${data.byteLength} bytes`);
    elements.push(data.subarray(start, end));
    offset = end;
  }
  return elements;
}

export function joinBytes(elements: readonly Uint8Array[]): Bytes {
  const size = elements.reduce((sum, element) => sum + LENGTH_BYTES + element.byteLength, 0);
  const data = new Uint8Array(size);
  const view = new DataView(data.buffer);
  let offset = 0;
  for (const element of elements) {
    view.setUint32(offset, element.byteLength, true);
    data.set(element, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + element.byteLength;
  }
  return data;
}
