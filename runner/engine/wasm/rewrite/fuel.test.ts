import { describe, expect, it } from "vitest";
import { readModule } from "../binary/read-module.ts";
import { InstanceSource } from "../instance-source.ts";
import type { ModelInstance } from "../model-instance.ts";
import { openRows } from "../testing/open-rows.ts";
import { rowsModule } from "../testing/rows-module.ts";
import { numbers } from "../testing/wasm-fixture.ts";
import { rewriteModule } from "./rewrite-module.ts";

const FUEL = 1_000_000_000n;

/** What a call of `infernet_alloc` with these instructions and this argument spends. */
async function spent(alloc: string, argument: number, more = ""): Promise<bigint> {
  const instance = await open(alloc, more);
  instance.fuel = FUEL;
  instance.call("infernet_alloc", argument);
  return FUEL - instance.fuel;
}

async function open(alloc: string, more = ""): Promise<ModelInstance> {
  const bounds = { memory_pages_max: 256, table_elements_max: 100, fuel: FUEL };
  const rewritten = rewriteModule(readModule(rowsModule({ alloc, more })), bounds);
  return (await InstanceSource.open(rewritten, {}, FUEL)).take();
}

describe("fuel", () => {
  it("is spent on each instruction that is executed, and on nothing else", async () => {
    expect(await spent("(i32.const 7)", 0)).toBe(1n);
    expect(await spent("(i32.add (i32.const 7) (local.get $bytes))", 0)).toBe(3n);
    const branch =
      "(if (result i32) (local.get $bytes) (then (i32.const 1)) (else (i32.add (i32.const 1) (i32.const 2))))";
    // local.get, if, and one of the two sides.
    expect(await spent(branch, 1)).toBe(3n);
    expect(await spent(branch, 0)).toBe(5n);
  });

  it("is spent in a loop as often as it goes round", async () => {
    const loop = `(local $i i32)
      (loop $again
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (local.get $bytes))))
      (local.get $i)`;
    // loop, then 8 a round, then local.get.
    for (const rounds of [1n, 2n, 10n, 1_000n])
      expect(await spent(loop, Number(rounds))).toBe(2n + 8n * rounds);
  });

  it("is spent by what leaves a block early only as far as it came", async () => {
    const leave = `(block $out (br_if $out (local.get $bytes)) (drop (i32.const 1)) (drop (i32.const 1))) (i32.const 0)`;
    expect(await spent(leave, 1)).toBe(4n);
    expect(await spent(leave, 0)).toBe(8n);
  });

  it("is spent on filling, copying and growing by their size", async () => {
    const fill = "(memory.fill (i32.const 4096) (i32.const 0) (local.get $bytes)) (i32.const 0)";
    expect((await spent(fill, 8_000)) - (await spent(fill, 0))).toBe(1_000n);
    const copy = "(memory.copy (i32.const 4096) (i32.const 16384) (local.get $bytes)) (i32.const 0)";
    expect((await spent(copy, 800)) - (await spent(copy, 0))).toBe(100n);
    const grow = "(memory.grow (local.get $bytes))";
    expect((await spent(grow, 10)) - (await spent(grow, 0))).toBe(81_920n);
    // What is refused was no work.
    expect(await spent(grow, 10_000)).toBe(await spent(grow, 0));
  });

  it("ends a row at exactly what its manifest allows, every time", async () => {
    const run = `(local $i i32)
      (loop $again
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
      (call $copy (local.get $in) (local.get $out))
      (i32.const 0)`;
    const isEnough = async (fuel_per_row_max: number): Promise<boolean> => {
      const module = await openRows(rowsModule({ run }), { fuel_per_row_max });
      const outcomes = [1, 2, 3].map(() => {
        try {
          return module.call([numbers(1)], 1).length === 1;
        } catch (error) {
          expect(error).toMatchObject({ code: "fuel_exhausted" });
          return false;
        }
      });
      expect(new Set(outcomes).size).toBe(1);
      return outcomes[0] ?? false;
    };
    let [low, high] = [1, 100_000];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await isEnough(middle)) high = middle;
      else low = middle;
    }
    // 8 a round and the loop itself, 4 behind it, 13 and a piece of 8 bytes for the copy, 1 for the allocation.
    expect(high).toBe(8_000 + 1 + 4 + 14 + 1);
  });

  it("changes nothing of what is computed", async () => {
    const run = `(local $i i32) (local $v v128)
      (call $copy (local.get $in) (local.get $out))
      (loop $again
        (block $b2 (block $b1 (block $b0
          (br_table $b0 $b1 $b2 (i32.rem_u (local.get $i) (i32.const 3))))
          (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $i)))) (br $b2))
          (local.set $v (i32x4.mul (local.get $v) (v128.const i32x4 3 5 7 11)))
          (if (i32.and (local.get $i) (i32.const 1)) (then (local.set $i (i32.add (local.get $i) (i32.const 1))))))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000))))
      (f32.store (i32.load (local.get $out)) (f32.convert_i32_s (i32x4.extract_lane 1 (local.get $v))))
      (f32.store offset=4 (i32.load (local.get $out)) (f32.convert_i32_s (i32x4.extract_lane 3 (local.get $v))))
      (i32.const 0)`;
    const plain = (await openRows(rowsModule({ run }))).call([numbers(1)], 1);
    const metered = (await openRows(rowsModule({ run }), { fuel_per_row_max: 10_000_000 })).call(
      [numbers(1)],
      1,
    );
    expect(metered).toEqual(plain);
    expect(plain[0]?.data).not.toEqual(numbers(1).data);
  });

  it("ends recursion and loops without end", async () => {
    for (const run of ["(loop $again (br $again)) (i32.const 0)", "(call $deeper) (i32.const 0)"]) {
      const more = "(func $deeper (local $i i32) (loop $again (br $again)))";
      const module = await openRows(rowsModule({ run, more }), { fuel_per_row_max: 10_000_000 });
      expect(() => module.call([numbers(1)], 1)).toThrow(expect.objectContaining({ code: "fuel_exhausted" }));
    }
  });

  it("is counted for a new instance in every call, whether it is made or set back", async () => {
    const start = `(func $s (local $i i32)
        (loop $again
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 500)))))
      (start $s)`;
    const run =
      "(drop (memory.grow (i32.const 1))) (call $copy (local.get $in) (local.get $out)) (i32.const 0)";
    const module = await openRows(rowsModule({ run, more: start }), { fuel_per_row_max: 12_300 });
    for (let i = 0; i < 3; i++) expect(module.call([numbers(1)], 1)).toHaveLength(1);
    const short = await openRows(rowsModule({ run, more: start }), { fuel_per_row_max: 12_200 });
    for (let i = 0; i < 3; i++)
      expect(() => short.call([numbers(1)], 1)).toThrow(expect.objectContaining({ code: "fuel_exhausted" }));
  });
});
