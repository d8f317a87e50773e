import { open, readFile } from "node:fs/promises";
import type { Bytes } from "@infernet/schemas/digest";
import type { Lease, LeaseInput } from "@infernet/schemas/runner";
import { byteCount, type Tensor, type TensorBlob } from "@infernet/schemas/tensor";
import { assertTensorBytes } from "@infernet/schemas/tensor-check";
import { rowBytes, rowCount, sliceRows } from "@infernet/schemas/tensor-rows";
import type { BlobCache } from "../cache/blob-cache.ts";
import { EngineFailure } from "../engine/engine-failure.ts";

/** The rows of a lease: inline ones as they came, those in blobs cut from the cached file. */
export function loadLeaseInputs(lease: Lease, cache: BlobCache, signal: AbortSignal): Promise<Tensor[]> {
  return Promise.all(lease.inputs.map((input) => loadInput(input, lease.rows, cache, signal)));
}

async function loadInput(
  input: LeaseInput,
  rows: Lease["rows"],
  cache: BlobCache,
  signal: AbortSignal,
): Promise<Tensor> {
  if (!("blob" in input)) return input;
  if (rows.start + rows.count > rowCount(input)) {
    const asked = `${rows.start} to ${rows.start + rows.count}`;
    throw new EngineFailure(
      "input_mismatch",
      `rows ${asked} are not all among the ${rowCount(input)} of '${input.name}'`,
    );
  }
  return cache.withBlob(input.blob, signal, ({ path, bytes }) => readRows(input, rows, path, bytes));
}

async function readRows(
  input: TensorBlob,
  rows: Lease["rows"],
  path: string,
  bytes: number,
): Promise<Tensor> {
  const { blob: _, ...described } = input;
  if (described.datatype === "BYTES") {
    const whole = { ...described, data: new Uint8Array(await readFile(path)) };
    assertTensorBytes(whole);
    return sliceRows(whole, rows.start, rows.count);
  }
  const expected = byteCount(described.datatype, described.shape);
  if (bytes !== expected) {
    throw new EngineFailure(
      "input_mismatch",
      `the blob of '${input.name}' has ${bytes} bytes; its shape needs ${expected}`,
    );
  }
  const size = rowBytes(described.datatype, described.shape);
  const data = await readRange(path, rows.start * size, rows.count * size);
  return { ...described, shape: [rows.count, ...described.shape.slice(1)], data };
}

/** Only the shard's part of the file: a job's input may be far larger than one shard. */
async function readRange(path: string, start: number, length: number): Promise<Bytes> {
  const data = new Uint8Array(length);
  const file = await open(path);
  try {
    for (let read = 0; read < length; ) {
      const { bytesRead } = await file.read(data, read, length - read, start + read);
      if (bytesRead === 0) throw new Error(`${path} ended at ${start + read} bytes`);
      read += bytesRead;
    }
  } finally {
    await file.close();
  }
  return data;
}
