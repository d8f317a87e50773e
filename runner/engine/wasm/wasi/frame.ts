import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { EngineFailure } from "../../engine-failure.ts";
import { datatypeCode } from "../datatype-code.ts";

const WORD = 4;

/**
 * Rows as a stream of bytes, numbers of 4 bytes, little-endian: the number of rows and of tensors, and then for each
 * tensor its datatype, its rank, its dimensions, the bytes of its data and the data.
 */
export function encodeFrame(tensors: readonly Tensor[], rows: number): Bytes {
  const size = tensors.reduce(
    (sum, { shape, data }) => sum + (3 + shape.length) * WORD + data.byteLength,
    2 * WORD,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  const put = (word: number): void => {
    view.setUint32(offset, word, true);
    offset += WORD;
  };
  put(rows);
  put(tensors.length);
  for (const { datatype, shape, data } of tensors) {
    for (const word of [datatypeCode(datatype), shape.length, ...shape, data.byteLength]) put(word);
    bytes.set(data, offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** Reads what a command wrote, in the order of `specs`. Throws `output_mismatch`; shapes are for `assertOutputs` to check. */
export function decodeFrame(bytes: Bytes, specs: readonly TensorSpec[], rows: number): Tensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const refuse = (detail: string): never => {
    throw new EngineFailure("output_mismatch", `standard output ${detail}`);
  };
  const advance = (count: number): number => {
    const start = offset;
    if (count > bytes.byteLength - offset) refuse(`ends after ${bytes.byteLength} bytes, within a tensor`);
    offset += count;
    return start;
  };
  const take = (): number => view.getUint32(advance(WORD), true);
  if (bytes.byteLength < 2 * WORD) refuse(`has ${bytes.byteLength} bytes, which is no answer`);
  const [foundRows, foundTensors] = [take(), take()];
  if (foundRows !== rows) refuse(`has ${foundRows} rows; the call had ${rows}`);
  if (foundTensors !== specs.length)
    refuse(`has ${foundTensors} tensors; the model has ${specs.length} outputs`);
  const tensors = specs.map((spec): Tensor => {
    const datatype = take();
    if (datatype !== datatypeCode(spec.datatype))
      refuse(
        `has '${spec.name}' as datatype ${datatype}; ${spec.datatype} is ${datatypeCode(spec.datatype)}`,
      );
    const rank = take();
    if (rank > LIMITS.tensor_dimensions_max) refuse(`has '${spec.name}' with ${rank} dimensions`);
    const shape = Array.from({ length: rank }, take);
    const size = take();
    const start = advance(size);
    return { name: spec.name, datatype: spec.datatype, shape, data: bytes.slice(start, start + size) };
  });
  if (offset !== bytes.byteLength)
    refuse(`goes on for ${bytes.byteLength - offset} bytes behind the last tensor`);
  return tensors;
}
