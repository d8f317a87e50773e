import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import onnxProto from "onnx-proto";
import { expect, it } from "vitest";
import { assertRepeatable } from "./assert-repeatable.ts";
import { readContents } from "./read-contents.ts";

const { onnx } = onnxProto;
const GLYPHS = fileURLToPath(new URL("../../../e2e/fixtures/glyphs/model.onnx", import.meta.url));

it("takes a model that computes the same each time", async () => {
  expect(assertRepeatable(readContents(await readFile(GLYPHS)))).toBeUndefined();
});

it("refuses one that draws random numbers, wherever it hides them, and says what to do", () => {
  const node = [{ opType: "RandomNormal" }];
  const graphs = [
    { graph: { node } },
    { graph: { node: [{ opType: "Loop", attribute: [{ name: "body", g: { node } }] }] } },
  ];
  for (const graph of graphs) {
    const file = onnx.ModelProto.encode(graph).finish();
    expect(() => assertRepeatable(readContents(file))).toThrow(/RandomNormal.*give it the noise as an input/);
  }
});

it("refuses what it cannot read, such as a model in ONNX Runtime's own format", () => {
  const file = new TextEncoder().encode("\u0008\0\0\0ORTM and more");
  expect(() => assertRepeatable(readContents(file))).toThrow("no ONNX protobuf");
});
