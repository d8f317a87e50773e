import type { Bytes } from "../digest.ts";
import { InfernetError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { RowRange } from "../runner.ts";
import { byteCount, elementCount, type Tensor, type TensorSpec } from "../tensor.ts";
import { frameBytes, splitBytes } from "../tensor-bytes.ts";
import { concatRows, rowCount } from "../tensor-rows.ts";
import { joinParts } from "./frame-parts.ts";
import { renderAad, renderAadPrefix, type SealedRows } from "./record-aad.ts";
import { RECORD_OVERHEAD_BYTES, type RecordCipher } from "./record-cipher.ts";
import { inTurns, numberRows } from "./seal-rows.ts";
import { sealedForm } from "./sealed-form.ts";

const SEALED_RECORD_BYTES = LIMITS.sealed_record_bytes_max + RECORD_OVERHEAD_BYTES;

/**
 * Opens what `sealRows` made. Throws `unsealing_failed`, which names the row, where one was changed, moved, left out or
 * sealed for something else, and where it does not hold what `spec` says.
 *
 * @param ranges rows of the job that the tensor holds, one range after the other
 */
export async function openRows(
  tensor: Tensor,
  sealed: SealedRows,
  ranges: readonly RowRange[],
  cipher: RecordCipher,
): Promise<Tensor> {
  const { spec } = sealed;
  const prefix = renderAadPrefix(sealed);
  const numbers = numberRows(ranges);
  const rows = splitRows(tensor, spec, numbers.length);
  const opened = await inTurns(numbers, async (row, n) => {
    const plain = await openRow(rows[n] ?? new Uint8Array(), prefix, row, cipher);
    if (plain === null) throw refuse(`row ${row} of '${spec.name}' does not open`);
    return readRow(plain, spec, row);
  });
  try {
    return concatRows(opened);
  } catch (error) {
    if (error instanceof RangeError)
      throw refuse(`rows of '${spec.name}' have different shapes, so they cannot be one tensor`);
    throw error;
  }
}

const refuse = (detail: string): InfernetError => new InfernetError("unsealing_failed", detail);

/** The sealed rows of a tensor that has the form and the number of rows that it must have. */
function splitRows(tensor: Tensor, spec: TensorSpec, rows: number): Bytes[] {
  const form = sealedForm(spec);
  const [, size] = form.shape;
  const isAlike =
    tensor.datatype === form.datatype &&
    tensor.shape.length === form.shape.length &&
    tensor.shape[1] === (size ?? undefined) &&
    rowCount(tensor) === rows &&
    (form.datatype === "BYTES"
      ? frameBytes(tensor.data, rows) !== null
      : tensor.data.length === rows * (size ?? 0));
  if (!isAlike)
    throw refuse(
      `'${spec.name}' is ${tensor.datatype}[${tensor.shape}] of ${tensor.data.length} bytes, which are not ${rows} sealed rows of it`,
    );
  if (form.datatype === "BYTES") return splitBytes(tensor.data);
  return Array.from({ length: rows }, (_, n) => tensor.data.subarray(n * (size ?? 0), (n + 1) * (size ?? 0)));
}

async function openRow(
  sealed: Bytes,
  prefix: Bytes,
  row: number,
  cipher: RecordCipher,
): Promise<Bytes | null> {
  const count = Math.max(1, Math.ceil(sealed.length / SEALED_RECORD_BYTES));
  const parts: Bytes[] = [];
  for (let place = 0; place < count; place += 1) {
    const record = sealed.subarray(place * SEALED_RECORD_BYTES, (place + 1) * SEALED_RECORD_BYTES);
    const part = await cipher.open(renderAad(prefix, row, place, place === count - 1), record);
    if (part === null) return null;
    parts.push(part);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : joinParts(parts);
}

/** One row as a tensor: its free dimensions stand before its data. */
function readRow(plain: Bytes, { name, datatype, shape }: TensorSpec, row: number): Tensor {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  let offset = 0;
  const dimensions = shape.slice(1).map((size) => {
    if (size !== null) return size;
    if (offset + 4 > plain.length) throw refuse(`row ${row} of '${name}' ends before its shape`);
    offset += 4;
    return view.getUint32(offset - 4, true);
  });
  const tensor = { name, datatype, shape: [1, ...dimensions], data: plain.subarray(offset) };
  const fits =
    datatype === "BYTES"
      ? frameBytes(tensor.data, elementCount(dimensions)) !== null
      : tensor.data.length === byteCount(datatype, tensor.shape);
  if (fits) return tensor;
  throw refuse(
    `row ${row} of '${name}' has ${tensor.data.length} bytes, which are not ${datatype}[${dimensions}]`,
  );
}
