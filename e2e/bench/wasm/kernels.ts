import { rowsModule } from "infernet-runner/engine/wasm/testing/rows-module";

const SIZE = 128;
const MATRIX_BYTES = SIZE * SIZE * 4;
const ITERATIONS = 1_000_000;

/** Addresses of the matrices, behind what a call writes. */
const [A, B, C] = [0, 1, 2].map((i) => 0x2_0000 + i * MATRIX_BYTES);

const COPY = "(call $copy (local.get $in) (local.get $out)) (i32.const 0)";

const product = `
  (local $i i32) (local $j i32) (local $k i32) (local $sum f32)
  (loop $rows
    (local.set $j (i32.const 0))
    (loop $columns
      (local.set $k (i32.const 0))
      (local.set $sum (f32.const 0))
      (loop $terms
        (local.set $sum (f32.add (local.get $sum) (f32.mul
          (f32.load offset=${A} (i32.shl (i32.add (i32.mul (local.get $i) (i32.const ${SIZE})) (local.get $k)) (i32.const 2)))
          (f32.load offset=${B} (i32.shl (i32.add (i32.mul (local.get $k) (i32.const ${SIZE})) (local.get $j)) (i32.const 2))))))
        (br_if $terms (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const ${SIZE}))))
      (f32.store offset=${C} (i32.shl (i32.add (i32.mul (local.get $i) (i32.const ${SIZE})) (local.get $j)) (i32.const 2)) (local.get $sum))
      (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const ${SIZE}))))
    (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${SIZE}))))
  ${COPY}`;

/** FNV-1a over the module's own memory, byte by byte. */
const hash = `
  (local $i i32) (local $h i32)
  (local.set $h (i32.const 0x811c9dc5))
  (loop $bytes
    (local.set $h (i32.mul (i32.xor (local.get $h) (i32.load8_u (i32.and (local.get $i) (i32.const 0xffff)))) (i32.const 16777619)))
    (br_if $bytes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${ITERATIONS}))))
  (i32.store (i32.const 4096) (local.get $h))
  ${COPY}`;

/** The steps of Collatz' sequence: as many branches as anything has. */
const branches = `
  (local $n i32) (local $left i32) (local $start i32)
  (local.set $left (i32.const ${ITERATIONS / 4}))
  (loop $steps
    (if (i32.le_u (local.get $n) (i32.const 1))
      (then (local.set $n (local.tee $start (i32.add (local.get $start) (i32.const 7)))))
      (else (if (i32.and (local.get $n) (i32.const 1))
        (then (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))))
        (else (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))))))
    (br_if $steps (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
  (i32.store (i32.const 4096) (local.get $n))
  ${COPY}`;

const calls = `
  (local $left i32)
  (local.set $left (i32.const ${ITERATIONS / 4}))
  (loop $again
    (i32.store (i32.const 4096) (call $half (local.get $left)))
    (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
  ${COPY}`;

const MEMORY = '(memory (export "memory") 8)';
const HALF = "(func $half (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 1)))";

/** Work of different kinds, each one row's. */
export const KERNELS = {
  [`product of two ${SIZE} x ${SIZE} matrices`]: rowsModule({ run: product, memory: MEMORY }),
  "FNV-1a over a million bytes": rowsModule({ run: hash, memory: MEMORY }),
  "250,000 steps of branches": rowsModule({ run: branches, memory: MEMORY }),
  "250,000 calls of a small function": rowsModule({ run: calls, memory: MEMORY, more: HALF }),
} as const;

/** A module that copies its row and has this many pages of memory. */
export const copying = (pages: number) => rowsModule({ memory: `(memory (export "memory") ${pages})` });

/** The same, and each row makes its memory grow, so that the next needs a new instance. */
export const growing = (pages: number) =>
  rowsModule({
    memory: `(memory (export "memory") ${pages})`,
    run: `(drop (memory.grow (i32.const 1))) ${COPY}`,
  });
