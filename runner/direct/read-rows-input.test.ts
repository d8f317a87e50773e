import { ModelManifest } from "@infernet/schemas/model";
import { describe, expect, it } from "vitest";
import { readRowsInput } from "./read-rows-input.ts";

const modelOf = (...inputs: ModelManifest["inputs"]): ModelManifest =>
  ModelManifest.parse({
    engine: "onnx",
    entry: "m",
    files: [{ path: "m", sha256: "0".repeat(64), bytes: 1 }],
    inputs,
    outputs: [{ name: "y", datatype: "FP32", shape: [null] }],
  });
const images = modelOf({ name: "x", datatype: "UINT8", shape: [null, 2] });
const read = (text: string | number[], model = images) =>
  readRowsInput(
    typeof text === "string" ? new TextEncoder().encode(text) : Uint8Array.from(text),
    "rows",
    model,
  );
const tensor = { name: "x", datatype: "UINT8", shape: [2, 2], data: Uint8Array.from([1, 2, 3, 4]) };

describe("rows from a file", () => {
  it.each([
    [
      "tensors as POST /jobs takes them",
      '{"tensors":[{"name":"x","datatype":"UINT8","shape":[2,2],"data":[1,2,3,4]}]}',
    ],
    ["a list of rows", "[[1,2],[3,4]]"],
    ["raw bytes", [1, 2, 3, 4]],
  ])("may be %s", (_, given) => {
    expect(read(given)).toEqual([tensor]);
  });

  it("may be texts, one a row", () => {
    const texts = modelOf({ name: "t", datatype: "BYTES", shape: [null] });
    expect(read('["a", "bc"]', texts)).toMatchObject([{ datatype: "BYTES", shape: [2] }]);
  });

  it("has a free dimension from the first row, and all others must be like it", () => {
    const free = modelOf({ name: "x", datatype: "UINT8", shape: [null, null] });
    expect(read("[[1,2,3]]", free)).toMatchObject([{ shape: [1, 3] }]);
    expect(() => read("[[1,2,3],[4]]", free)).toThrow("this is an array of 3; it is an array of 1");
  });

  it.each([
    ["[1,2,3]", "'x' is [3,2], which is 6 elements, but has 3"],
    ['{"x":1}', "the input rows cannot be used: /tensors"],
    [[1, 2, 3], "its 3 bytes are no whole rows of 'x', which have 2 each"],
    [[], "its 0 bytes are no whole rows"],
  ])("that is %j is refused with its reason", (given, why) => {
    expect(() => read(given)).toThrow(why);
  });

  it("of several inputs is no list and no raw bytes", () => {
    const spec = { datatype: "UINT8", shape: [null] } as const;
    const two = modelOf({ name: "a", ...spec, shape: [null] }, { name: "b", ...spec, shape: [null] });
    expect(() => read("[1]", two)).toThrow("a list of rows are for models of one input; this one has 2");
  });
});
