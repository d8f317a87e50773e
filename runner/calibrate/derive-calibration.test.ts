import { COARSE_BOUNDS, FP32_BOUNDS } from "@infernet/protocol/compare-tolerances";
import { Calibration } from "@infernet/schemas/calibration";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Tensor } from "@infernet/schemas/tensor";
import { bytesOf } from "@infernet/schemas/tensor-elements";
import { expect, it } from "vitest";
import { CalibrationRefused } from "./calibration-refused.ts";
import { deriveCalibration, listWarnings } from "./derive-calibration.ts";
import type { Recording } from "./recording.ts";
import type { Variation } from "./variation.ts";

const ROWS = 1_000;
const usual: Variation = { threads: 1, batch: null, graph_optimization: "all" };
const inThrees: Variation = { ...usual, batch: 3 };

/** Sixteen numbers a row; in each row one is off by `by` times the row's size, in row 500 by `once`. */
function output(by: number, once = by): Tensor[] {
  const row = [1, -1, 1, -1, 1, 1, -1, 1, 1, -1, 1, -1, 1, 1, -1, 1];
  const rows = Array.from({ length: ROWS }, (_, i) =>
    row.map((value, column) => (column === 0 ? 1 + 2 * (i === 500 ? once : by) : value)),
  );
  const data = bytesOf(Float64Array.from(rows.flat()));
  return [{ name: "y", datatype: "FP64", shape: [ROWS, row.length], data }];
}

function recording(machine: string, name: string, outputs: [Variation, Tensor[]][]): Recording {
  return {
    type: "infernet.recording.v1",
    model: Sha256.parse("ab".repeat(32)),
    input: Sha256.parse("cd".repeat(32)),
    rows: ROWS,
    machine,
    classes: [
      {
        execution_class: ExecutionClass.parse(name),
        outputs: outputs.map(([variation, tensors]) => ({ runs: [variation], tensors })),
      },
    ],
  };
}

const FP32 = "onnx/1.30.0/cpu/fp32";
const HALF = "onnx/1.30.0/cpu/fp16";

it("keeps the defaults where honest runs are equal", () => {
  const calibration = deriveCalibration([recording("a", FP32, [[usual, output(0)]])]);
  expect(Calibration.parse(calibration)).toMatchObject({
    rows: ROWS,
    runs: 1,
    pairs: [{ classes: [FP32, FP32], ...FP32_BOUNDS, observed: { rows: 0, deviation_max: 0 } }],
  });
});

it("makes room for one and a half times what nearly all rows keep, and the outer one five times as far", () => {
  const [pair] = deriveCalibration([
    recording("a", FP32, [
      [usual, output(0)],
      [inThrees, output(3e-5)],
    ]),
  ]).pairs;
  expect(pair?.observed.deviation_p999).toBeCloseTo(3e-5, 8);
  expect(pair?.inner.deviation).toBeCloseTo(4.5e-5, 8);
  expect(pair?.outer.deviation).toBeCloseTo(22.5e-5, 8);
});

it("keeps the farthest honest row well inside, though it is one in a thousand", () => {
  const [pair] = deriveCalibration([
    recording("a", FP32, [
      [usual, output(0)],
      [inThrees, output(1e-6, 9e-5)],
    ]),
  ]).pairs;
  expect(pair?.inner).toEqual(FP32_BOUNDS.inner);
  expect(pair?.outer.deviation).toBeCloseTo(27e-5, 8);
});

it("compares each class with each other, and the outputs of several machines within one", () => {
  const gpu = recording("b", "onnx/1.30.0/webgpu/fp32", [[usual, output(2e-6)]]);
  const { pairs, runs } = deriveCalibration([
    recording("a", FP32, [[usual, output(0)]]),
    gpu,
    recording("c", FP32, [[usual, output(4e-6)]]),
  ]);
  expect(runs).toBe(3);
  expect(pairs.map(({ classes }) => classes.join(" "))).toEqual([
    `${FP32} ${FP32}`,
    `${FP32} onnx/1.30.0/webgpu/fp32`,
    "onnx/1.30.0/webgpu/fp32 onnx/1.30.0/webgpu/fp32",
  ]);
  expect(pairs[0]?.observed.deviation_max).toBeCloseTo(4e-6, 8);
  expect(pairs[1]?.observed).toMatchObject({ rows: 2 * ROWS });
});

it("does not take one kind of machine for all where arithmetic is coarse", () => {
  const one = recording("a", HALF, [[usual, output(1e-6)]]);
  expect(deriveCalibration([one]).pairs[0]).toMatchObject(COARSE_BOUNDS);
  expect(deriveCalibration([one, { ...one, machine: "b" }]).pairs[0]).toMatchObject(FP32_BOUNDS);
});

it("refuses when honest runs are as far apart as frauds, and says which runs and what to do", () => {
  const far = recording("a", FP32, [
    [usual, output(0)],
    [inThrees, output(1e-6, 2e-4)],
  ]);
  expect(() => deriveCalibration([far])).toThrow(CalibrationRefused);
  expect(() => deriveCalibration([far])).toThrow(
    /2\.0e-4.*beyond 1\.0e-4.*row 500: 1 thread, usual batches.*against 1 thread, batches of 3.*batch\.max 1/,
  );
});

it("refuses any difference where bits must be the same", () => {
  const int8 = recording("a", "onnx/1.30.0/cpu/int8", [
    [usual, output(0)],
    [{ ...usual, threads: 2 }, output(1e-9)],
  ]);
  expect(() => deriveCalibration([int8])).toThrow(/they must be equal.*1 thread.*against 2 threads/);
  const equal = recording("a", "onnx/1.30.0/cpu/int8", [[usual, output(0)]]);
  expect(deriveCalibration([equal]).pairs[0]).toMatchObject({ outer: { deviation: 0, angle: 0 } });
});

it("refuses labels that honest runs do not agree on", () => {
  const label = (value: number): Tensor[] => [
    { name: "label", datatype: "INT64", shape: [1], data: bytesOf(BigInt64Array.of(BigInt(value))) },
  ];
  const labels = recording("a", FP32, [
    [usual, label(3)],
    [{ ...usual, graph_optimization: "basic" }, label(4)],
  ]);
  expect(() => deriveCalibration([labels])).toThrow(/immeasurably far.*return the scores/);
});

it("warns where rows depend on the rows beside them, though coarse arithmetic has room for it", () => {
  const mixed = recording("a", "onnx/1.30.0/cpu/int8+fp32", [
    [usual, output(0)],
    [inThrees, output(3e-2)],
  ]);
  expect(listWarnings([mixed])).toEqual([expect.stringMatching(/int8\+fp32: .*batch\.max 1/)]);
  expect(listWarnings([recording("a", FP32, [[usual, output(0)]])])).toEqual([]);
});
