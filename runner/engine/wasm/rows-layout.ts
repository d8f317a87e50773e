import { byteCount, type Tensor, type TensorSpec } from "@infernet/schemas/tensor";
import { datatypeCode } from "./datatype-code.ts";

/** A tensor's description in the module's memory: address, bytes, datatype, rank and 8 dimensions, 4 bytes each. */
export const DESCRIPTOR_BYTES = 48;
const SHAPE_AT = 16;
export const ALIGNMENT = 16;

/** Where the parts of a call lie, counted from an aligned address. */
export interface Layout {
  readonly outputsAt: number;
  /** Of each input's data. */
  readonly dataAt: readonly number[];
  readonly bytes: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** The descriptions of the inputs come first, then those of the outputs, then the inputs' data. */
export function layOut(inputs: readonly Tensor[], outputs: readonly TensorSpec[]): Layout {
  const outputsAt = inputs.length * DESCRIPTOR_BYTES;
  let end = outputsAt + outputs.length * DESCRIPTOR_BYTES;
  const dataAt = inputs.map(({ data }) => {
    const at = end;
    end = aligned(end + data.byteLength);
    return at;
  });
  return { outputsAt, dataAt, bytes: end };
}

/** Writes a call's inputs, and its outputs as far as they are known before: not where and how long they are. */
export function writeCall(
  memory: ArrayBufferLike,
  at: number,
  layout: Layout,
  inputs: readonly Tensor[],
  outputs: readonly TensorSpec[],
  rows: number,
): void {
  const view = new DataView(memory, at, layout.bytes);
  const bytes = new Uint8Array(memory, at, layout.bytes);
  const describe = (offset: number, data: number, size: number, { datatype, shape }: TensorSpec): void => {
    const dimensions = shape.slice(1).map((dimension) => dimension ?? 0);
    const fields = [data, size, datatypeCode(datatype), shape.length, rows, ...dimensions];
    for (const [i, field] of fields.entries()) view.setUint32(offset + i * 4, field, true);
  };
  for (const [i, input] of inputs.entries()) {
    const dataAt = layout.dataAt[i] ?? 0;
    bytes.set(input.data, dataAt);
    describe(i * DESCRIPTOR_BYTES, at + dataAt, input.data.byteLength, input);
  }
  for (const [i, output] of outputs.entries())
    describe(layout.outputsAt + i * DESCRIPTOR_BYTES, 0, 0, output);
}

export interface Answer {
  /** Of the data, in the module's memory. */
  address: number;
  bytes: number;
  shape: number[];
}

/** What the module says of one output: only dimensions that the manifest leaves free are its to say. */
export function readAnswer(memory: ArrayBufferLike, at: number, spec: TensorSpec, rows: number): Answer {
  const view = new DataView(memory, at, DESCRIPTOR_BYTES);
  const shape = spec.shape.map((size, i) =>
    i === 0 ? rows : (size ?? view.getUint32(SHAPE_AT + i * 4, true)),
  );
  return { address: view.getUint32(0, true), bytes: view.getUint32(4, true), shape };
}

/** The bytes that an output of this shape has; null for BYTES. */
export const expectedBytes = ({ datatype }: TensorSpec, shape: readonly number[]): number | null =>
  datatype === "BYTES" ? null : byteCount(datatype, shape);
