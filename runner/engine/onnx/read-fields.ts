/** One field of a protobuf message: `value` of a varint, else 0; `bytes` of a length-delimited one, else none. */
export interface Field {
  number: number;
  value: number;
  bytes: Uint8Array;
}

const NONE = new Uint8Array();

/**
 * The fields of a protobuf message (https://protobuf.dev/programming-guides/encoding/), in order, their bytes as views.
 * Varints beyond 2^53 lose their lowest digits. Throws RangeError when the bytes end within a field.
 */
export function* readFields(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let offset = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = view.getUint8(offset++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a varint has more than 10 bytes");
  };
  while (offset < message.byteLength) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: readVarint(), bytes: NONE };
        break;
      case 1:
        offset += 8;
        break;
      case 2: {
        const length = readVarint();
        if (offset + length > message.byteLength)
          throw new RangeError(`field ${number} ends beyond the message`);
        const start = offset;
        offset += length;
        yield { number, value: 0, bytes: message.subarray(start, offset) };
        break;
      }
      case 5:
        offset += 4;
        break;
      default:
        throw new RangeError(`field ${number} has the wire type ${tag % 8}`);
    }
  }
}
