import type { Bytes } from "../digest.ts";
import { LIMITS } from "../limits.ts";
import type { RowRange } from "../runner.ts";
import type { Tensor } from "../tensor.ts";
import { joinBytes } from "../tensor-bytes.ts";
import { splitRows } from "../tensor-rows.ts";
import { joinParts, renderUint32 } from "./frame-parts.ts";
import { renderAad, renderAadPrefix, type SealedRows } from "./record-aad.ts";
import type { RecordCipher } from "./record-cipher.ts";
import { recordCount, sealedForm } from "./sealed-form.ts";

/** Rows that are sealed or opened side by side. */
const ROWS_AT_ONCE = 128;

/**
 * Seals each row of a tensor by itself, for its place in the job: the result has the form `sealedForm` says.
 *
 * @param ranges rows of the job that the tensor holds, one range after the other
 */
export async function sealRows(
  tensor: Tensor,
  sealed: SealedRows,
  ranges: readonly RowRange[],
  cipher: RecordCipher,
): Promise<Tensor> {
  const prefix = renderAadPrefix(sealed);
  const head = renderHead(tensor, sealed);
  const numbers = numberRows(ranges);
  const plain = splitRows(tensor);
  if (plain.length !== numbers.length)
    throw new RangeError(`'${tensor.name}' has ${plain.length} rows; ${numbers.length} are to be sealed`);
  const rows = await inTurns(numbers, async (row, n) => {
    const data = plain[n] ?? new Uint8Array();
    return sealRow(head.length === 0 ? data : joinParts([head, data]), prefix, row, cipher);
  });
  const { name, datatype, shape } = sealedForm(sealed.spec);
  const isBytes = datatype === "BYTES";
  return {
    name,
    datatype,
    shape: [rows.length, ...shape.slice(1).map(Number)],
    data: isBytes ? joinBytes(rows) : joinParts(rows),
  };
}

/** A row's free dimensions stand before its data, 4 bytes each, for nothing else tells them. */
function renderHead({ shape }: Tensor, { spec }: SealedRows): Bytes {
  return joinParts(
    spec.shape.flatMap((size, n) => (n === 0 || size !== null ? [] : [renderUint32(shape[n] ?? 0)])),
  );
}

async function sealRow(plain: Bytes, prefix: Bytes, row: number, cipher: RecordCipher): Promise<Bytes> {
  const size = LIMITS.sealed_record_bytes_max;
  const count = recordCount(plain.length);
  const records: Bytes[] = [];
  for (let place = 0; place < count; place += 1) {
    const part = plain.subarray(place * size, (place + 1) * size);
    records.push(await cipher.seal(renderAad(prefix, row, place, place === count - 1), part));
  }
  return records.length === 1 && records[0] !== undefined ? records[0] : joinParts(records);
}

/** The rows' numbers in the job. */
export const numberRows = (ranges: readonly RowRange[]): number[] =>
  ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n));

/** Does something with each row, some at a time, and gives what came of it in their order. */
export async function inTurns<T>(
  rows: readonly number[],
  work: (row: number, n: number) => Promise<T>,
): Promise<T[]> {
  const done: T[] = [];
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const turn = rows.slice(start, start + ROWS_AT_ONCE);
    done.push(...(await Promise.all(turn.map((row, n) => work(row, start + n)))));
  }
  return done;
}
