import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@infernet/schemas/seeded-random";
import type { EngineModel } from "infernet-runner/engine/engine-contract";
import { EngineFailure } from "infernet-runner/engine/engine-failure";
import { buildSample } from "infernet-runner/engine/wasm/testing/build-sample";
import { mutateModule } from "infernet-runner/engine/wasm/testing/mutate-module";
import { rowsModule } from "infernet-runner/engine/wasm/testing/rows-module";
import { texts, WasmFixture } from "infernet-runner/engine/wasm/testing/wasm-fixture";
import { createWasmEngine } from "infernet-runner/engine/wasm/wasm-engine";
import { plainSandbox } from "infernet-runner/sandbox/plain-sandbox";

/**
 * `node e2e/mutants/main.ts --modules 500 --seed 1`: loads and runs damaged WebAssembly modules, each in the child process
 * that a runner would run it in. Every one must end in an answer or a reason, and a sound model must run beside them all the
 * while. Prints how they ended; exits with 1 when a child crashed.
 */
const { values } = parseArgs({
  options: { modules: { type: "string", default: "500" }, seed: { type: "string", default: "1" } },
});
const random = seededRandom(Number(values.seed));
const fixture = await WasmFixture.open();
const engine = createWasmEngine({ sandbox: plainSandbox });
const options = { timeout_ms: 1_000, signal: new AbortController().signal };
const sound = await fixture.numbers(rowsModule());
const beside = await engine.load(sound.manifest, sound.dir);

const words = await fixture.model(
  await buildSample("assemblyscript/words.ts"),
  {
    inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
    outputs: [
      { name: "words", datatype: "INT32", shape: [null] },
      { name: "capitals", datatype: "BYTES", shape: [null] },
    ],
  },
  (rows) => [texts("text", rows, () => "two words")],
);
const subjects = [
  { model: sound, module: rowsModule() },
  { model: words, module: await buildSample("assemblyscript/words.ts") },
];

const ends = new Map<string, number>();
for (let i = 0; i < Number(values.modules); i++) {
  const { model, module } = subjects[i % subjects.length] ?? { model: sound, module: rowsModule() };
  const end = await tryModule(model, mutateModule(module, random), i);
  ends.set(end, (ends.get(end) ?? 0) + 1);
  await beside.run(sound.inputs(1), 1, { ...options, timeout_ms: 60_000 });
}
await beside.close();
await fixture.remove();
console.log(`seed ${values.seed}: ${[...ends].map(([end, count]) => `${count} ${end}`).join(", ")}`);
process.exit(ends.has("engine_crashed") ? 1 : 0);

async function tryModule(model: EngineModel, mutant: Uint8Array, number: number): Promise<string> {
  const dir = join(fixture.dir, `mutant-${number}`);
  await mkdir(dir);
  await writeFile(join(dir, model.manifest.entry), mutant);
  try {
    const session = await engine.load(model.manifest, dir);
    try {
      await session.run(model.inputs(1), 1, options);
      return "answered";
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    if (error.code === "engine_crashed") console.log(`mutant ${number}: ${error.message}`);
    return error.code;
  } finally {
    await rm(dir, { recursive: true });
  }
}
