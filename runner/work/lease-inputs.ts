import type { Lease, LeaseInput } from "@infernet/schemas/runner";
import { byteCount, type Tensor, type TensorBlob } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import type { BlobCache } from "../cache/blob-cache.ts";
import type { BlobSharing } from "../cache/peer-blobs.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import { readRows } from "./read-rows.ts";

/**
 * The rows of a lease, one range after the other: inline ones as they came, those in blobs cut from the cached file.
 * Fails with `input_mismatch` when the ranges overlap, are out of order or reach beyond the input.
 */
export async function loadLeaseInputs(
  { rows, inputs, share_inputs, sealing }: Pick<Lease, "rows" | "inputs" | "share_inputs" | "sealing">,
  cache: BlobCache,
  signal: AbortSignal,
): Promise<Tensor[]> {
  assertAscending(rows);
  const isShared = share_inputs === true && sealing === undefined;
  return Promise.all(inputs.map((input) => loadInput(input, { rows, isShared }, cache, signal)));
}

function assertAscending(rows: Lease["rows"]): void {
  let end = 0;
  for (const { start, count } of rows) {
    if (start < end) throw new EngineFailure("input_mismatch", `rows ${start} to ${start + count} come late`);
    end = start + count;
  }
}

async function loadInput(
  input: LeaseInput,
  { rows, isShared }: { rows: Lease["rows"]; isShared: boolean },
  cache: BlobCache,
  signal: AbortSignal,
): Promise<Tensor> {
  if (!("blob" in input)) return input;
  const beyond = rows.find(({ start, count }) => start + count > rowCount(input));
  if (beyond) {
    const asked = `${beyond.start} to ${beyond.start + beyond.count}`;
    throw new EngineFailure(
      "input_mismatch",
      `rows ${asked} are not all among the ${rowCount(input)} of '${input.name}'`,
    );
  }
  const sharing = isShared ? sharingOf(input) : undefined;
  return cache.withBlob(input.blob, signal, (file) => readRows(input, rows, file), sharing);
}

/** Peers are told how long a blob is: elements without a fixed size come from the edge. */
const sharingOf = ({ datatype, shape }: TensorBlob): BlobSharing | undefined =>
  datatype === "BYTES" ? undefined : { bytes: byteCount(datatype, shape) };
