import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createEchoEngine } from "./echo-engine.ts";
import { describeEngine, type EngineModel } from "./engine-contract.ts";
import { onnxManifest } from "./onnx/testing/onnx-manifest.ts";

const dir = await mkdtemp(join(tmpdir(), "infernet-echo-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const model = async (entry: string, text: string): Promise<EngineModel> => {
  await writeFile(join(dir, entry), text);
  const manifest = onnxManifest(
    entry,
    [{ name: "x", datatype: "UINT8", shape: [null, 2] }],
    [{ name: "y", datatype: "UINT8", shape: [null, 2] }],
  );
  const inputs: EngineModel["inputs"] = (rows) => {
    const data = Uint8Array.from({ length: rows * 2 }, (_, i) => i);
    return [{ name: "x", datatype: "UINT8", shape: [rows, 2], data }];
  };
  return { manifest, dir, inputs };
};

describeEngine("echo", async () => ({
  engine: createEchoEngine(),
  model: await model("fast", '{"echo":["x"],"row_ms":0}'),
  slow: await model("slow", '{"echo":["x"],"row_ms":20000}'),
  garbage: await model("garbage", "not a model"),
}));
