import type { Bytes } from "@infernet/schemas/digest";
import { ByteReader } from "../binary/byte-reader.ts";
import { ByteWriter } from "../binary/byte-writer.ts";

const HEAD_BYTES = 8;

type Mutation = (bytes: Bytes, below: (limit: number) => number) => Bytes;

/** Ways in which files are damaged, or made to be. */
const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  writeNumbers,
  cutOff,
  dropBytes,
  insertBytes,
  shuffleSections,
];

/** A damaged copy. @param random numbers in [0, 1): the same ones damage it in the same way */
export function mutateModule(bytes: Bytes, random: () => number): Bytes {
  const below = (limit: number): number => Math.floor(random() * limit);
  const mutate = MUTATIONS[below(MUTATIONS.length)] ?? flipBits;
  return mutate(bytes.slice(), below);
}

function flipBits(bytes: Bytes, below: (limit: number) => number): Bytes {
  for (let left = 1 + below(8); left > 0; left--) {
    const at = HEAD_BYTES + below(bytes.byteLength - HEAD_BYTES);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
  }
  return bytes;
}

/** Sizes and counts at their ends. */
function writeNumbers(bytes: Bytes, below: (limit: number) => number): Bytes {
  const values = [0, 0x7f, 0x80, 0xff];
  for (let left = 1 + below(5); left > 0; left--)
    bytes[HEAD_BYTES + below(bytes.byteLength - HEAD_BYTES)] = values[below(values.length)] ?? 0;
  return bytes;
}

function cutOff(bytes: Bytes, below: (limit: number) => number): Bytes {
  return bytes.slice(0, below(bytes.byteLength));
}

function dropBytes(bytes: Bytes, below: (limit: number) => number): Bytes {
  const at = HEAD_BYTES + below(bytes.byteLength - HEAD_BYTES);
  return new ByteWriter()
    .raw(bytes.subarray(0, at))
    .raw(bytes.subarray(at + 1 + below(8)))
    .view()
    .slice();
}

function insertBytes(bytes: Bytes, below: (limit: number) => number): Bytes {
  const at = HEAD_BYTES + below(bytes.byteLength - HEAD_BYTES);
  const more = Uint8Array.from({ length: 1 + below(8) }, () => below(256));
  return new ByteWriter().raw(bytes.subarray(0, at)).raw(more).raw(bytes.subarray(at)).view().slice();
}

/** Two sections change places, or one comes twice in place of another. */
function shuffleSections(bytes: Bytes, below: (limit: number) => number): Bytes {
  const reader = new ByteReader(bytes, HEAD_BYTES);
  const sections: Uint8Array[] = [];
  while (!reader.isAtEnd) {
    const start = reader.offset;
    reader.byte();
    reader.skip(reader.u32());
    sections.push(bytes.subarray(start, reader.offset));
  }
  const [a, b] = [below(sections.length), below(sections.length)];
  const [first, second] = [sections[a], sections[b]];
  if (first && second) {
    sections[b] = first;
    if (below(2) === 0) sections[a] = second;
  }
  const out = new ByteWriter(bytes.byteLength).raw(bytes.subarray(0, HEAD_BYTES));
  for (const section of sections) out.raw(section);
  return out.view().slice();
}
