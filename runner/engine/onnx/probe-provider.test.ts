import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { locateOnnxRuntime } from "../install/onnx-runtime.ts";
import { buildModel, ELEMENT_TYPE } from "./build-model.ts";
import { readMachineFacts } from "./list-providers.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { probeProvider } from "./probe-provider.ts";
import { TINY_MODEL } from "./tiny-model.ts";

const runtime = locateOnnxRuntime(null);
if (runtime === null) throw new Error("ONNX Runtime is not installed: run `npm ci`");
const { best } = await findBestSandbox();
const facts = readMachineFacts(runtime);
if (!facts.hasVulkanDriver) console.warn("skipped: WebGPU, for want of a Vulkan driver");

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-tiny-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("the probe of a provider", () => {
  it("runs a model that says what its description says", async () => {
    const matrix = { type: ELEMENT_TYPE.FP32, dims: [2, 2] };
    await buildModel(join(dir, "tiny.onnx"), {
      inputs: [{ name: "x", ...matrix }],
      outputs: [{ name: "y", ...matrix }],
      nodes: [{ op: "MatMul", inputs: ["x", "x"], outputs: ["y"] }],
    });
    expect(new Uint8Array(await readFile(join(dir, "tiny.onnx")))).toEqual(TINY_MODEL);
  });

  it("finds the CPU to work in the best sandbox of this machine", async () => {
    expect(await probeProvider(best, runtime, "cpu")).toEqual({ version: runtime.version, failure: null });
  });

  it.skipIf(facts.hasCudaLibrary)("never runs on the CPU what it was to run on CUDA", async () => {
    const { failure } = await probeProvider(best, runtime, "cuda");
    expect(failure).toMatch(/cuda/i);
    await expect(createOnnxEngine({ sandbox: best, threads: 1, provider: "cuda" })).rejects.toThrow(
      /runs no model on cuda in the sandbox/,
    );
  });

  it.skipIf(facts.hasVulkanDriver)("never runs on the CPU what it was to run on WebGPU", async () => {
    expect((await probeProvider(best, runtime, "webgpu")).failure).toMatch(/webgpu/i);
  });

  it.skipIf(!facts.hasVulkanDriver)(
    "runs on WebGPU in the sandbox, by a driver in software too",
    async () => {
      expect(await probeProvider(best, runtime, "webgpu")).toMatchObject({ failure: null });
    },
  );
});
