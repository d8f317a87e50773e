import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, describe, expect, it } from "vitest";
import { plainSandbox } from "../../sandbox/plain-sandbox.ts";
import type { EngineRun } from "../engine.ts";
import { describeEngine, type EngineModel } from "../engine-contract.ts";
import { buildSample, tryBuildSample } from "./testing/build-sample.ts";
import { rowsModule } from "./testing/rows-module.ts";
import { texts, WasmFixture } from "./testing/wasm-fixture.ts";
import { createWasmEngine } from "./wasm-engine.ts";

const fixture = await WasmFixture.open();
afterAll(() => fixture.remove());

const engine = createWasmEngine({ sandbox: plainSandbox });
const FOREVER = "(loop $again (br $again)) (i32.const 0)";
const slow = await fixture.numbers(rowsModule({ run: FOREVER }));
const garbage = await fixture.numbers(new TextEncoder().encode("not a module"));

const words = await fixture.model(
  await buildSample("assemblyscript/words.ts"),
  {
    inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
    outputs: [
      { name: "capitals", datatype: "BYTES", shape: [null] },
      { name: "words", datatype: "INT32", shape: [null] },
    ],
  },
  (rows) => [texts("text", rows, (row) => `row ${row} of ${"many ".repeat(row)}rows`)],
);

describeEngine("wasm", async () => ({ engine, model: words, slow, garbage }));

async function runOnce(model: EngineModel, rows: number): Promise<EngineRun> {
  const session = await engine.load(model.manifest, model.dir);
  try {
    const options = { timeout_ms: 60_000, signal: new AbortController().signal };
    return await session.run(model.inputs(rows), rows, options);
  } finally {
    await session.close();
  }
}

const edgesModule = await tryBuildSample("c/edges.c");
if (typeof edgesModule === "string") console.log(`skipped: ${edgesModule}`);

describe.skipIf(typeof edgesModule === "string")("a module in C", async () => {
  const module = typeof edgesModule === "string" ? new Uint8Array() : edgesModule;

  it("finds the edges of images and their brightness", async () => {
    const edges = await fixture.model(
      module,
      {
        inputs: [{ name: "images", datatype: "UINT8", shape: [null, 3, 3] }],
        outputs: [
          { name: "brightness", datatype: "FP32", shape: [null] },
          { name: "edges", datatype: "FP32", shape: [null, 3, 3] },
        ],
      },
      () => [{ name: "images", datatype: "UINT8", shape: [2, 3, 3], data: new Uint8Array(18).fill(9, 9) }],
    );
    const { outputs } = await runOnce(edges, 2);
    expect(outputs.map(({ name }) => name)).toEqual(["brightness", "edges"]);
    const [brightness, gradients] = outputs.map(({ data }) => [...viewElements("FP32", data)]);
    expect(brightness).toEqual([0, 9]);
    expect(gradients?.slice(0, 9)).toEqual(Array(9).fill(0));
    // Within an even image nothing changes; beyond its border everything is dark.
    expect(gradients?.[13]).toBe(0);
    expect(gradients?.[9]).toBeCloseTo(9 * Math.hypot(3, 3));
  });
});

const sentimentModule = await tryBuildSample("wasi/sentiment.c");
if (typeof sentimentModule === "string") console.log(`skipped: ${sentimentModule}`);

describe.skipIf(typeof sentimentModule === "string")("a WASI command in C", async () => {
  const module = typeof sentimentModule === "string" ? new Uint8Array() : sentimentModule;
  const sentiment = await fixture.model(
    module,
    {
      inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
      outputs: [{ name: "score", datatype: "FP64", shape: [null] }],
    },
    (rows) => [texts("text", rows, (row) => `${"good ".repeat(row)}and not bad`)],
    { wasm: { abi: "wasi" } },
    { "words.txt": "good 1\nbad -1.5\n" },
  );
  describeEngine("wasm by WASI", async () => ({ engine, model: sentiment, slow, garbage }));

  it("reads the model's other files", async () => {
    const { outputs } = await runOnce(sentiment, 4);
    expect([...viewElements("FP64", outputs[0]?.data ?? new Uint8Array())]).toEqual([-1.5, -0.5, 0.5, 1.5]);
  });
});
