import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Bytes } from "@infernet/schemas/digest";
import { type RowRange, rowsIn } from "@infernet/schemas/runner";
import { byteCount, type Tensor, type TensorBlob } from "@infernet/schemas/tensor";
import { assertTensorBytes } from "@infernet/schemas/tensor-check";
import { gatherRows, rowBytes } from "@infernet/schemas/tensor-rows";
import type { BlobFile } from "../cache/blob-cache.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { planReads } from "./plan-reads.ts";

/**
 * The rows of a tensor in a file, one range after the other. Only what is asked for is read, for a job's input may be far
 * larger than one lease; BYTES are read whole, as only their lengths tell where a row begins.
 *
 * @param ranges ascending, none within another, and all among the tensor's rows
 */
export async function readRows(
  { blob: _, ...described }: TensorBlob,
  ranges: readonly RowRange[],
  file: BlobFile,
): Promise<Tensor> {
  if (described.datatype === "BYTES") {
    const whole = { ...described, data: new Uint8Array(await readFile(file.path)) };
    assertTensorBytes(whole);
    return gatherRows(whole, ranges);
  }
  const expected = byteCount(described.datatype, described.shape);
  if (file.bytes !== expected) {
    throw new EngineFailure(
      "input_mismatch",
      `the blob of '${described.name}' has ${file.bytes} bytes; its shape needs ${expected}`,
    );
  }
  const data = await gather(file.path, ranges, rowBytes(described.datatype, described.shape));
  return { ...described, shape: [rowsIn(ranges), ...described.shape.slice(1)], data };
}

/** One range goes straight to its place; several that are near each other by way of a buffer of bounded size. */
async function gather(path: string, ranges: readonly RowRange[], row_bytes: number): Promise<Bytes> {
  const data = new Uint8Array(rowsIn(ranges) * row_bytes);
  let filled = 0;
  const next = (rows: number): Bytes => {
    const start = filled;
    filled += rows * row_bytes;
    return data.subarray(start, filled);
  };
  const file = await open(path);
  try {
    for (const read of planReads(ranges, row_bytes)) {
      const [only, ...others] = read.ranges;
      if (only === undefined) continue;
      if (others.length === 0) {
        await fill(file, next(only.count), only.start * row_bytes);
        continue;
      }
      const span = new Uint8Array(read.count * row_bytes);
      await fill(file, span, read.start * row_bytes);
      for (const { start, count } of read.ranges) {
        const from = (start - read.start) * row_bytes;
        next(count).set(span.subarray(from, from + count * row_bytes));
      }
    }
  } finally {
    await file.close();
  }
  return data;
}

async function fill(file: FileHandle, target: Bytes, position: number): Promise<void> {
  for (let read = 0; read < target.length; ) {
    const { bytesRead } = await file.read(target, read, target.length - read, position + read);
    if (bytesRead === 0) throw new Error(`the file ended at ${position + read} bytes`);
    read += bytesRead;
  }
}
