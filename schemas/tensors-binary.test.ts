import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBinary } from "./binary.ts";
import { decodeTensors, encodeTensors } from "./tensors-binary.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";

const malformed = expect.objectContaining({ code: "request_malformed" });

test("tensors come back from the binary form bit for bit", () => {
  fc.assert(
    fc.property(fc.array(arbitraryTensor(), { minLength: 1, maxLength: 4 }), (tensors) => {
      expect(decodeTensors(encodeTensors(tensors))).toEqual(tensors);
    }),
  );
});

test("bytes that are not tensors are refused with the reason, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(() => decodeTensors(bytes)).toThrow(malformed);
    }),
  );
  expect(() => decodeTensors(encodeBinary({ tensors: [] }))).toThrow(malformed);
  expect(() => decodeTensors(encodeBinary({ tensors: [{ name: "x" }] }))).toThrow(/tensors\/0\/datatype/);
  expect(() => decodeTensors(new Uint8Array(1_000_000).fill(0x81))).toThrow(malformed);
});

test("a cut or lengthened encoding is refused", () => {
  const bytes = encodeTensors([{ name: "x", datatype: "UINT8", shape: [3], data: Uint8Array.of(1, 2, 3) }]);
  for (let end = 0; end < bytes.length; end++)
    expect(() => decodeTensors(bytes.subarray(0, end))).toThrow(malformed);
  expect(() => decodeTensors(Uint8Array.of(...bytes, 0))).toThrow(malformed);
});
