import { viewElements } from "@infernet/schemas/tensor-elements";
import { describe, expect, it } from "vitest";
import { openRows } from "./testing/open-rows.ts";
import { type RowsModule, rowsModule } from "./testing/rows-module.ts";
import { numbers } from "./testing/wasm-fixture.ts";

/** Writes the i32 that `value` leaves as the first number of the output, after copying the input. */
const answering = (value: string): string => `
  (call $copy (local.get $in) (local.get $out))
  (f32.store (i32.load (local.get $out)) (f32.convert_i32_s ${value}))
  (i32.const 0)`;

const COUNT_GLOBAL = "(global.set $n (i32.add (global.get $n) (i32.const 1)))";

/** Modules that count their calls, each where another kind of state lets them. */
const COUNTERS: readonly [where: string, module: RowsModule][] = [
  [
    "a global",
    { more: "(global $n (mut i32) (i32.const 0))", run: `${COUNT_GLOBAL} ${answering("(global.get $n)")}` },
  ],
  [
    "a global that JavaScript cannot set exactly",
    {
      more: "(global $n (mut f32) (f32.const 0))",
      run: `(global.set $n (f32.add (global.get $n) (f32.const 1))) ${answering("(i32.trunc_f32_s (global.get $n))")}`,
    },
  ],
  [
    "a vector global",
    {
      more: "(global $n (mut v128) (v128.const i32x4 0 0 0 0))",
      run: `(global.set $n (i32x4.add (global.get $n) (v128.const i32x4 1 1 1 1)))
        ${answering("(i32x4.extract_lane 0 (global.get $n))")}`,
    },
  ],
  [
    "memory",
    {
      run: `(i32.store (i32.const 131068) (i32.add (i32.load (i32.const 131068)) (i32.const 1)))
        ${answering("(i32.load (i32.const 131068))")}`,
    },
  ],
  ["grown memory", { run: `(drop (memory.grow (i32.const 1))) ${answering("(memory.size)")}` }],
  [
    "a grown table",
    {
      more: "(table $t 1 100 funcref) (elem declare func $copy)",
      run: `(drop (table.grow $t (ref.func $copy) (i32.const 1))) ${answering("(table.size $t)")}`,
    },
  ],
  [
    "a table's elements",
    {
      more: `(table $t 2 funcref) (elem (i32.const 0) $one) (elem declare func $two) (type $number (func (result i32)))
        (func $one (result i32) (table.set $t (i32.const 0) (ref.func $two)) (i32.const 1))
        (func $two (result i32) (i32.const 2))`,
      run: answering("(call_indirect $t (type $number) (i32.const 0))"),
    },
  ],
  [
    "a dropped segment",
    {
      more: `(data $d "\\07\\00\\00\\00")`,
      run: `(memory.init $d (i32.const 131060) (i32.const 0) (i32.const 4)) (data.drop $d)
        ${answering("(i32.load (i32.const 131060))")}`,
    },
  ],
];

describe("a row", () => {
  it.each(COUNTERS)("cannot tell through %s what was computed before it", async (_where, counter) => {
    for (const fuel_per_row_max of [null, 1_000_000]) {
      const module = await openRows(rowsModule(counter), { fuel_per_row_max });
      const call = () => [...viewElements("FP32", module.call([numbers(1)], 1)[0]?.data ?? new Uint8Array())];
      const first = call();
      expect(first[0]).toBeGreaterThan(0);
      for (let i = 0; i < 3; i++) expect(call()).toEqual(first);
    }
  });

  it("finds everything new again after a row that trapped", async () => {
    const run = `(i32.store (i32.const 131068) (i32.add (i32.load (i32.const 131068)) (i32.const 1)))
      (if (f32.lt (f32.load (i32.load (local.get $in))) (f32.const 0)) (then (unreachable)))
      ${answering("(i32.load (i32.const 131068))")}`;
    const module = await openRows(rowsModule({ run }));
    const x = numbers(1);
    const bad = { ...x, data: x.data.slice() };
    viewElements("FP32", bad.data)[0] = -1;
    expect(() => module.call([bad], 1)).toThrow(/unreachable/);
    expect(viewElements("FP32", module.call([x], 1)[0]?.data ?? new Uint8Array())[0]).toBe(1);
  });

  it("grows no further than its manifest says, whatever the module's own maximum is", async () => {
    const run = answering(`(block (result i32)
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (memory.size))`);
    for (const memory of ['(memory (export "memory") 2)', '(memory (export "memory") 2 60000)']) {
      const module = await openRows(rowsModule({ run, memory }), { memory_bytes_max: 100 * 65_536 + 5 });
      expect(viewElements("FP32", module.call([numbers(1)], 1)[0]?.data ?? new Uint8Array())[0]).toBe(100);
    }
    const own = await openRows(rowsModule({ run, memory: '(memory (export "memory") 2 7)' }));
    expect(viewElements("FP32", own.call([numbers(1)], 1)[0]?.data ?? new Uint8Array())[0]).toBe(7);
  });
});
