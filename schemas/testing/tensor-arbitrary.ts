import fc from "fast-check";
import { byteCount, Datatype, elementCount, type Tensor } from "../tensor.ts";
import { joinBytes } from "../tensor-bytes.ts";

interface Choices {
  datatypes?: readonly Datatype[];
  rows_max?: number;
}

/** Any well-formed tensor of 1 to 3 dimensions: raw bits, so every NaN and every BYTES element is among them. */
export function arbitraryTensor({
  datatypes = Datatype.options,
  rows_max = 6,
}: Choices = {}): fc.Arbitrary<Tensor> {
  const inner = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 });
  return fc
    .record({ datatype: fc.constantFrom(...datatypes), rows: fc.integer({ min: 0, max: rows_max }), inner })
    .chain(({ datatype, rows, inner }) => {
      const shape = [rows, ...inner];
      return arbitraryData(datatype, shape).map((data) => ({ name: "x", datatype, shape, data }));
    });
}

function arbitraryData(datatype: Datatype, shape: number[]): fc.Arbitrary<Tensor["data"]> {
  const exactly = (length: number) => ({ minLength: length, maxLength: length });
  if (datatype === "BYTES")
    return fc
      .array(fc.uint8Array({ maxLength: 9 }), exactly(elementCount(shape)))
      .map((elements) => joinBytes(elements));
  const max = datatype === "BOOL" ? 1 : 255;
  return fc.uint8Array({ max, ...exactly(byteCount(datatype, shape)) }).map((data) => new Uint8Array(data));
}
