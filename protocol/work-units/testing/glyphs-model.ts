import type { RowInput } from "../count-graph.ts";
import glyphs from "./glyphs.json" with { type: "json" };

/** The trained network of `e2e/fixtures/glyphs` as its exporter wrote it, but for the weights themselves. */
export const glyphsModel = (): Uint8Array =>
  Uint8Array.from(atob(glyphs.onnx_base64), (character) => character.charCodeAt(0));

export const GLYPHS_INPUTS: RowInput[] = [{ name: "images", shape: [null, 1, 28, 28] }];
