import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { plainSandbox } from "../../sandbox/plain-sandbox.ts";
import type { Session } from "../engine.ts";
import { rowsModule } from "./testing/rows-module.ts";
import { numbers, WasmFixture } from "./testing/wasm-fixture.ts";
import { createWasmEngine } from "./wasm-engine.ts";

const fixture = await WasmFixture.open();
afterAll(() => fixture.remove());
const engine = createWasmEngine({ sandbox: plainSandbox });
const sessions: Session[] = [];
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));

const FAIL = '(import "infernet" "fail" (func $fail (param i32 i32)))';

/** What the module does when the first number of its input is the place in this list. */
const DEEDS: readonly [deed: string, run: string, failure: { code: string; message: RegExp }][] = [
  ["is fine", "(call $copy (local.get $in) (local.get $out))", { code: "", message: /./ }],
  ["traps", "(unreachable)", { code: "engine_error", message: /trapped: unreachable/ }],
  [
    "divides by zero",
    "(drop (i32.div_s (local.get $rows) (i32.const 0)))",
    { code: "engine_error", message: /divide by zero/ },
  ],
  [
    "reads beyond its memory",
    "(drop (i32.load (i32.const -4)))",
    { code: "engine_error", message: /out of bounds/ },
  ],
  ["calls itself without end", "(call $deeper)", { code: "engine_error", message: /stack overflowed/ }],
  [
    "runs without end",
    "(loop $again (br $again))",
    { code: "engine_timeout", message: /longer in the engine/ },
  ],
  [
    "takes all memory and traps",
    "(call $hog) (unreachable)",
    { code: "engine_error", message: /unreachable/ },
  ],
  ["answers with a status", "(return (i32.const -3))", { code: "engine_error", message: /status -3/ }],
  [
    "says why",
    "(call $fail (i32.const 16) (i32.const 7))",
    { code: "engine_error", message: /failed: input x/ },
  ],
  [
    "says why from nowhere",
    "(call $fail (i32.const -16) (i32.const -1))",
    { code: "engine_error", message: /failed: / },
  ],
  ["gives no output", "", { code: "output_mismatch", message: /'y' has 0 bytes; FP32 \[1,3\] has 12/ }],
  [
    "gives an output beyond its memory",
    "(i32.store (local.get $out) (i32.const -8)) (i32.store offset=4 (local.get $out) (i32.const 12))",
    { code: "output_mismatch", message: /12 bytes at 4294967288, beyond the module's memory of/ },
  ],
  [
    "gives more than there is",
    "(i32.store offset=4 (local.get $out) (i32.const -1))",
    { code: "output_mismatch", message: /'y' has 4294967295 bytes/ },
  ],
];

const dispatch = DEEDS.map(
  ([, run], i) => `(if (f32.eq (f32.load (i32.load (local.get $in))) (f32.const ${i}.5)) (then ${run}))`,
).join("\n");
const MORE = `
  (func $deeper (call $deeper) (call $deeper))
  (func $hog (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))))`;

const shard = (deed: number) => {
  const x = numbers(1);
  const data = x.data.slice();
  viewElements("FP32", data)[0] = deed + 0.5;
  return [{ ...x, data }];
};
const options = { timeout_ms: 20_000, signal: new AbortController().signal };

describe("a module that misbehaves", () => {
  it("gets a reason of its own, and the next shard runs as if nothing had been", {
    timeout: 60_000,
  }, async () => {
    const module = rowsModule({ imports: FAIL, more: MORE, run: `${dispatch} (i32.const 0)` });
    const model = await fixture.numbers(module, { memory_bytes: 64 * 1024 * 1024 });
    const session = await engine.load(model.manifest, model.dir);
    sessions.push(session);
    const fine = await session.run(shard(0), 1, options);
    for (const [i, [deed, , failure]] of DEEDS.entries()) {
      if (i === 0) continue;
      const timeout_ms = failure.code === "engine_timeout" ? 200 : options.timeout_ms;
      const outcome = await session
        .run(shard(i), 1, { ...options, timeout_ms })
        .catch((error: unknown) => error);
      expect(outcome, deed).toMatchObject({
        code: failure.code,
        message: expect.stringMatching(failure.message),
      });
      const next = await session.run(shard(0), 1, options);
      expect(next.outputs, deed).toEqual(fine.outputs);
    }
  });

  it("loads nowhere that gives less memory than its manifest asks for", async () => {
    const frugal = createWasmEngine({ sandbox: plainSandbox, memory_bytes_max: 1024 * 1024 });
    const model = await fixture.numbers(rowsModule());
    await expect(frugal.load(model.manifest, model.dir)).rejects.toMatchObject({
      code: "out_of_memory",
      message: expect.stringMatching(/may use 16777216 bytes.*gives 1048576/),
    });
  });
});
