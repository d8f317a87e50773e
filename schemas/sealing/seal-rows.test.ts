import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { InfernetError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Tensor } from "../tensor.ts";
import { rowCount } from "../tensor-rows.ts";
import { arbitraryTensor } from "../testing/tensor-arbitrary.ts";
import { deriveRecordKeys } from "./content-key.ts";
import { openRows } from "./open-rows.ts";
import type { SealedRows } from "./record-aad.ts";
import { createWebCipher } from "./record-cipher.ts";
import { sealRows } from "./seal-rows.ts";
import { formOf, sealedForm } from "./sealed-form.ts";

const KEY = new Uint8Array(32).fill(7);
const cipher = await createWebCipher(deriveRecordKeys(KEY, "input"));
const sealing_id = "a".repeat(64);
const whatOf = (tensor: Tensor, others: Partial<SealedRows> = {}): SealedRows => ({
  ...{ sealing_id, direction: "input", spec: formOf(tensor), rows: rowCount(tensor) },
  ...others,
});
const allOf = (tensor: Tensor) => [{ start: 0, count: rowCount(tensor) }];
const bytesTensor = (rows: number, columns = 3): Tensor => ({
  name: "x",
  datatype: "UINT8",
  shape: [rows, columns],
  data: Uint8Array.from({ length: rows * columns }, (_, n) => n),
});
const refusal = expect.objectContaining({ code: "unsealing_failed" });

test("any tensor comes out as it went in, with its free dimensions told or left open", async () => {
  const anyTensor = arbitraryTensor().filter((tensor) => rowCount(tensor) > 0);
  await fc.assert(
    fc.asyncProperty(anyTensor, fc.boolean(), async (tensor, isFree) => {
      const spec = isFree ? { ...formOf(tensor), shape: tensor.shape.map(() => null) } : formOf(tensor);
      const what = whatOf(tensor, { spec });
      const sealed = await sealRows(tensor, what, allOf(tensor), cipher);
      const form = sealedForm(spec);
      expect(sealed).toMatchObject({ name: "x", datatype: form.datatype });
      expect(sealed.shape).toEqual([rowCount(tensor), ...form.shape.slice(1)]);
      expect(await openRows(sealed, what, allOf(tensor), cipher)).toEqual(tensor);
    }),
    { numRuns: 60 },
  );
});

describe("a sealed row", () => {
  it("is the same bytes whoever seals it, and others at another place", async () => {
    const tensor = { ...bytesTensor(2), data: Uint8Array.of(1, 2, 3, 1, 2, 3) };
    const [once, twice] = [
      await sealRows(tensor, whatOf(tensor), allOf(tensor), cipher),
      await sealRows(
        tensor,
        whatOf(tensor),
        allOf(tensor),
        await createWebCipher(deriveRecordKeys(KEY, "input")),
      ),
    ];
    expect(once).toEqual(twice);
    const size = once.data.length / 2;
    expect(once.data.subarray(0, size)).not.toEqual(once.data.subarray(size));
  });

  it("opens at its own place in its own job alone", async () => {
    const tensor = bytesTensor(1);
    const ranges = [{ start: 4, count: 1 }];
    const what = whatOf(tensor, { rows: 9 });
    const sealed = await sealRows(tensor, what, ranges, cipher);
    expect(await openRows(sealed, what, ranges, cipher)).toEqual(tensor);
    const others: SealedRows[] = [
      { ...what, rows: 5 },
      { ...what, sealing_id: "b".repeat(64) },
      { ...what, direction: "output" },
      { ...what, spec: { ...what.spec, name: "y" } },
      { ...what, spec: { ...what.spec, datatype: "INT8" } },
    ];
    for (const other of others)
      await expect(openRows(sealed, other, ranges, cipher)).rejects.toThrow(InfernetError);
    await expect(openRows(sealed, what, [{ start: 5, count: 1 }], cipher)).rejects.toThrow(
      "row 5 of 'x' does not open",
    );
    const elsewhere = await createWebCipher(deriveRecordKeys(KEY, "output"));
    await expect(openRows(sealed, what, ranges, elsewhere)).rejects.toThrow(refusal);
  });
});

test("each bit of a sealed tensor counts, and so does each byte that is missing", async () => {
  const data = new TextEncoder().encode("\x05\0\0\0words");
  const texts: Tensor = { name: "x", datatype: "BYTES", shape: [1], data };
  for (const tensor of [bytesTensor(2), texts]) {
    const what = whatOf(tensor);
    const sealed = await sealRows(tensor, what, allOf(tensor), cipher);
    for (let at = 0; at < sealed.data.length; at += 1) {
      const data = sealed.data.slice();
      data[at] = (data[at] ?? 0) ^ (1 << (at % 8));
      await expect(openRows({ ...sealed, data }, what, allOf(tensor), cipher)).rejects.toThrow(refusal);
      const cut = { ...sealed, data: sealed.data.subarray(0, at) };
      await expect(openRows(cut, what, allOf(tensor), cipher)).rejects.toThrow(refusal);
    }
  }
});

test("a large row is cut into records, none of which can be moved or left out", async () => {
  const record = LIMITS.sealed_record_bytes_max;
  const row = new Uint8Array(2 * record + 5).map((_, n) => n % 251);
  const tensor: Tensor = { name: "x", datatype: "UINT8", shape: [1, row.length], data: row };
  const what = whatOf(tensor);
  const sealed = await sealRows(tensor, what, allOf(tensor), cipher);
  expect(sealed.data.length).toBe(row.length + 3 * 28);
  expect(await openRows(sealed, what, allOf(tensor), cipher)).toEqual(tensor);
  const [first, second, last] = [0, 1, 2].map((n) =>
    sealed.data.subarray(n * (record + 28), (n + 1) * (record + 28)),
  );
  if (!first || !second || !last) throw new Error("there are three records");
  const swapped = Buffer.concat([second, first, last]);
  await expect(
    openRows({ ...sealed, data: new Uint8Array(swapped) }, what, allOf(tensor), cipher),
  ).rejects.toThrow(refusal);
  // A shorter row of the same form opens only if it was sealed as one.
  const shorter = { ...tensor, shape: [1, record], data: row.subarray(0, record) };
  const cut = { ...sealed, shape: [1, first.length], data: first };
  await expect(openRows(cut, whatOf(shorter), allOf(shorter), cipher)).rejects.toThrow(refusal);
});
