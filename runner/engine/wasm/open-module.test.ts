import { describe, expect, it } from "vitest";
import { openRows } from "./testing/open-rows.ts";
import { type RowsModule, rowsModule } from "./testing/rows-module.ts";

const COMPONENT = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const whole = rowsModule();

describe("a module that may not run", () => {
  it.each<[what: string, module: RowsModule, reason: RegExp]>([
    ["memory of another", { memory: '(import "env" "memory" (memory 2))' }, /imports the memory env\.memory/],
    ["a second memory", { more: "(memory 1)" }, /more than one memory/],
    [
      "64-bit addresses",
      { memory: '(memory (export "memory") i64 2)', run: "(i32.const 0)", more: "" },
      /64-bit addresses/,
    ],
    ["shared memory", { memory: '(memory (export "memory") 2 4 shared)' }, /shared memory/],
    ["atomic instructions", { run: "(i32.atomic.load (i32.const 0))" }, /uses threads/],
    [
      "relaxed vector instructions",
      { run: "(drop (i8x16.relaxed_swizzle (v128.const i64x2 1 2) (v128.const i64x2 1 2))) (i32.const 0)" },
      /relaxed SIMD, whose results may differ/,
    ],
    ["exceptions", { more: "(tag $t)" }, /uses exceptions/],
    ["tail calls", { more: "(func $f (return_call $f))" }, /uses tail calls/],
    [
      "garbage-collected types",
      { more: "(type $s (struct (field i32))) (global (ref null $s) (ref.null $s))" },
      /garbage-collected|lacks/,
    ],
    [
      "a function of a stranger",
      { imports: '(import "env" "foo" (func))' },
      /imports env\.foo, which the ABI 'rows' does not give; it gives: infernet\.fail/,
    ],
    [
      "a global of a stranger",
      { imports: '(import "env" "base" (global i32))' },
      /imports the global env\.base/,
    ],
    [
      "a table of a stranger",
      { imports: '(import "env" "table" (table 1 funcref))' },
      /imports the table env\.table/,
    ],
    [
      "no memory to be seen",
      { memory: "(memory 2)" },
      /must export its memory as 'memory'; it exports 'infernet_abi'/,
    ],
    [
      "a global where its memory should be",
      { memory: '(memory 2) (global (export "memory") i32 (i32.const 0))' },
      /must export its memory as 'memory'/,
    ],
    [
      "too much memory at the start",
      { memory: '(memory (export "memory") 300)' },
      /300 pages of memory; its manifest's memory_bytes allows 256/,
    ],
    ["too large a table", { more: "(table 70000 funcref)" }, /70000 table elements; there may be 65536/],
    [
      "an export of the runner's",
      { more: '(global (export "infernet:fuel") (mut i64) (i64.const 1))' },
      /names with 'infernet:' are the runner's/,
    ],
    [
      "an initializer with parameters",
      { more: '(func (export "_initialize") (param i32))' },
      /'_initialize' as \(i32\) -> \(\); it must be \(\) -> \(\)/,
    ],
    ["a start that traps", { more: "(func $s (unreachable)) (start $s)" }, /does not start: unreachable/],
    ["another version of the ABI", { abi: 7 }, /version 7 of the ABI; this runner has version 1/],
    ["no names of its tensors", { tensors: "x y\\00" }, /neither 'input NAME' nor 'output NAME'/],
    ["other tensors", { tensors: "input a\\0aoutput y\\0a\\00" }, /has no input 'x'; it has 'a'/],
    [
      "more outputs",
      { tensors: "input x\\0aoutput y\\0aoutput z\\0a\\00" },
      /needs an output 'z' that the manifest lacks/,
    ],
    ["text that is not UTF-8", { tensors: "input \\ff\\00" }, /not UTF-8/],
  ])("has %s", async (_what, module, reason) => {
    await expect(openRows(rowsModule(module))).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(reason),
    });
  });

  it.each<[what: string, module: Uint8Array<ArrayBuffer>, reason: RegExp]>([
    ["no module", new TextEncoder().encode("<!doctype html>"), /not a WebAssembly module/],
    ["empty", new Uint8Array(), /not a WebAssembly module/],
    ["a component", COMPONENT, /a WebAssembly component/],
    ["cut off", whole.slice(0, -9), /ends within one of its parts/],
    ["cut off behind its head", whole.slice(0, 8), /must export its memory/],
  ])("is %s", async (_what, module, reason) => {
    await expect(openRows(module)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(reason),
    });
  });

  it.each([
    [
      "infernet_run",
      /has no export 'infernet_run', which the ABI 'rows' asks for; it exports 'memory', 'infernet_abi'/,
    ],
    ["infernet_abi", /has no export 'infernet_abi'/],
  ])("lacks %s", async (name, reason) => {
    const renamed = whole.slice();
    const at = Buffer.from(renamed.buffer).indexOf(name);
    renamed[at] = "I".charCodeAt(0);
    await expect(openRows(renamed)).rejects.toMatchObject({ message: expect.stringMatching(reason) });
  });
});
