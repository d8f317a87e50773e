import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bytes } from "@infernet/schemas/digest";
import { Sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { bytesOf } from "@infernet/schemas/tensor-elements";
import type { EngineModel } from "../../engine-contract.ts";

/** A folder of modules for one test file. */
export class WasmFixture {
  readonly dir: string;
  #made = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async open(): Promise<WasmFixture> {
    return new WasmFixture(await mkdtemp(join(tmpdir(), "infernet-wasm-")));
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }

  /** A model in a folder of its own, with these files besides its module. */
  async model(
    module: Bytes,
    tensors: { inputs: TensorSpec[]; outputs: TensorSpec[] },
    inputs: EngineModel["inputs"],
    settings: Partial<ModelManifest> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<EngineModel> {
    const dir = join(this.dir, String(this.#made++));
    await mkdir(dir);
    await writeFile(join(dir, "model.wasm"), module);
    for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text);
    const manifest = ModelManifest.parse({
      engine: "wasm",
      entry: "model.wasm",
      files: ["model.wasm", ...Object.keys(files)].map((path) => ({
        path,
        sha256: Sha256.parse("0".repeat(64)),
        bytes: 1,
      })),
      memory_bytes: 16 * 1024 * 1024,
      ...tensors,
      ...settings,
    });
    return { manifest, dir, inputs };
  }

  /** A model of `rowsModule`: three numbers a row in and out. */
  numbers(module: Bytes, settings: Partial<ModelManifest> = {}): Promise<EngineModel> {
    const spec: Omit<TensorSpec, "name"> = { datatype: "FP32", shape: [null, 3] };
    return this.model(
      module,
      { inputs: [{ name: "x", ...spec }], outputs: [{ name: "y", ...spec }] },
      (rows) => [numbers(rows)],
      settings,
    );
  }
}

/** Rows of three numbers, all different. */
export function numbers(rows: number): Tensor {
  const data = Float32Array.from({ length: rows * 3 }, (_, i) => i + 0.5);
  return { name: "x", datatype: "FP32", shape: [rows, 3], data: bytesOf(data) };
}

export function texts(name: string, rows: number, textOf: (row: number) => string): Tensor {
  const encoder = new TextEncoder();
  const elements = Array.from({ length: rows }, (_, row) => encoder.encode(textOf(row)));
  return { name, datatype: "BYTES", shape: [rows], data: joinBytes(elements) };
}
