import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { ModelSource } from "../network/upload-model.ts";

export interface ModelFolder {
  dir: string;
  manifest: ModelManifest;
}

/**
 * Writes a model into a new folder of `parent` as `infernet-runner calibrate` reads it: `model.onnx`, and `manifest.json`
 * that names it.
 *
 * @param batch_rows_max rows the engine may take at once; null: as many as it likes
 */
export function writeModelFolder(
  parent: string,
  source: ModelSource,
  batch_rows_max: number | null = null,
): ModelFolder {
  const dir = mkdtempSync(join(parent, `${source.name}-`));
  const file = { path: "model.onnx", sha256: digest(source.bytes), bytes: source.bytes.length };
  const manifest = ModelManifest.parse({
    engine: "onnx",
    entry: file.path,
    files: [file],
    inputs: source.inputs,
    outputs: source.outputs,
    batch: { max: batch_rows_max },
    row_cost_us: source.row_cost_us,
  });
  writeFileSync(join(dir, file.path), source.bytes);
  writeFileSync(join(dir, "manifest.json"), JSON.stringify(manifest, null, 2));
  return { dir, manifest };
}

const digest = (bytes: Uint8Array): Sha256 => Sha256.parse(createHash("sha256").update(bytes).digest("hex"));
