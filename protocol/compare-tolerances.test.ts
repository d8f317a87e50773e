import { Calibration } from "@infernet/schemas/calibration";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { Datatype } from "@infernet/schemas/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BITWISE, COARSE_BOUNDS, EXACT, FP32_BOUNDS, tolerancesFor } from "./compare-tolerances.ts";

const classOf = (provider: string, precision: string) =>
  ExecutionClass.parse(`onnx/1.30.0/${provider}/${precision}`);
const cpu = classOf("cpu", "fp32");
const gpu = classOf("webgpu", "fp32");

const calibrated = {
  classes: [cpu, gpu] as [ExecutionClass, ExecutionClass],
  inner: { deviation: 3e-5, angle: 2e-10 },
  outer: { deviation: 2e-4, angle: 4e-9 },
  observed: { rows: 9, deviation_p999: 2e-5, deviation_max: 2e-5, angle_p999: 1e-10, angle_max: 1e-10 },
};
const calibration = Calibration.parse({ model: "ab".repeat(32), rows: 9, runs: 2, pairs: [calibrated] });

test("a pair that was calibrated has its own tolerances, in either order", () => {
  expect(tolerancesFor(calibration, cpu, gpu, "FP32")).toMatchObject({ outer: calibrated.outer });
  expect(tolerancesFor(calibration, gpu, cpu, "FP64")).toMatchObject({ inner: calibrated.inner });
  expect(tolerancesFor(calibration, cpu, cpu, "FP32")).toBe(FP32_BOUNDS);
});

test("without a calibration the arithmetic decides", () => {
  expect(tolerancesFor(null, cpu, gpu, "FP32")).toBe(FP32_BOUNDS);
  expect(tolerancesFor(null, cpu, cpu, "FP16")).toBe(COARSE_BOUNDS);
  for (const precision of ["fp16", "int8+fp32"])
    expect(tolerancesFor(null, classOf("cpu", precision), classOf("webgpu", precision), "FP32")).toBe(
      COARSE_BOUNDS,
    );
});

test("vectors of texts are held to their arithmetic, and the count of their tokens exactly", () => {
  const [first, second] = ["cpu", "webgpu"].map((provider) =>
    ExecutionClass.parse(`embeddings/1.30.0/${provider}/fp32`),
  ) as [ExecutionClass, ExecutionClass];
  expect(tolerancesFor(null, first, second, "FP32")).toBe(FP32_BOUNDS);
  expect(tolerancesFor(null, first, second, "INT32")).toBe(EXACT);
});

test("8-bit integers throughout are exact; on GPUs, whose divisions may round in another way, a referee decides", () => {
  const int8 = classOf("cpu", "int8");
  expect(tolerancesFor(calibration, int8, int8, "FP32")).toBe(EXACT);
  expect(tolerancesFor(calibration, int8, classOf("wasm", "int8"), "FP32")).toBe(EXACT);
  expect(tolerancesFor(calibration, int8, classOf("webgpu", "int8"), "FP32")).toEqual({
    inner: EXACT.inner,
    outer: COARSE_BOUNDS.outer,
  });
});

test("WebAssembly is exact within one class", () => {
  const wasm = classOf("wasm", "fp32");
  expect(tolerancesFor(null, wasm, wasm, "FP32")).toBe(EXACT);
  expect(tolerancesFor(null, wasm, cpu, "FP32")).toBe(FP32_BOUNDS);
});

test("a program whose every bit is fixed is compared bit by bit, whatever the other side calls itself", () => {
  const exact = ExecutionClass.parse("wasm/1/cpu/exact");
  for (const other of [
    exact,
    ExecutionClass.parse("wasm/2/cpu/exact"),
    ExecutionClass.parse("wasm/1/cpu/fp32"),
    gpu,
  ])
    for (const datatype of ["FP16", "FP32", "FP64"] as const)
      expect(tolerancesFor(calibration, exact, other, datatype)).toBe(BITWISE);
  expect(tolerancesFor(calibration, exact, exact, "INT64")).toBe(EXACT);
});

test("whoever claims another precision than the other side gains no room by it", () => {
  for (const claim of ["fp16", "int8+fp32", "bf16", "int8", "anything"])
    expect(tolerancesFor(null, classOf("cpu", claim), cpu, "FP32")).toBe(FP32_BOUNDS);
});

test("what is no float must be equal, whatever the classes", () => {
  for (const datatype of Datatype.options.filter((name) => !name.startsWith("FP")))
    expect(tolerancesFor(calibration, cpu, gpu, datatype)).toBe(EXACT);
});

test("tolerances are the same in either order, and never wider inside than outside", () => {
  const name = fc
    .tuple(
      fc.constantFrom("cpu", "webgpu", "wasm", "cuda"),
      fc.constantFrom("fp32", "fp16", "int8", "int8+fp32", "exact"),
    )
    .map(([provider, precision]) => classOf(provider, precision));
  fc.assert(
    fc.property(name, name, fc.constantFrom(...Datatype.options), (a, b, datatype) => {
      const bounds = tolerancesFor(calibration, a, b, datatype);
      expect(tolerancesFor(calibration, b, a, datatype)).toBe(bounds);
      expect(bounds.inner.deviation).toBeLessThanOrEqual(bounds.outer.deviation);
      expect(bounds.inner.angle).toBeLessThanOrEqual(bounds.outer.angle);
    }),
  );
});

test("containers that nobody has calibrated convict nobody: floats match coarsely, the rest where it is equal", () => {
  const container = ExecutionClass.parse("oci/1/cpu/image");
  const boundless = { deviation: Number.POSITIVE_INFINITY, angle: Number.POSITIVE_INFINITY };
  expect(tolerancesFor(null, container, container, "FP32")).toEqual({
    inner: COARSE_BOUNDS.inner,
    outer: boundless,
  });
  expect(tolerancesFor(null, container, container, "INT64")).toEqual({
    inner: EXACT.inner,
    outer: boundless,
  });
});

test("containers that were calibrated answer for what they return, floats or not", () => {
  const container = ExecutionClass.parse("oci/1/cpu/image");
  const pairs = [{ ...calibrated, classes: [container, container] }];
  const known = Calibration.parse({ ...calibration, pairs });
  expect(tolerancesFor(known, container, container, "FP32")).toMatchObject({ outer: calibrated.outer });
  expect(tolerancesFor(known, container, container, "INT64")).toBe(EXACT);
});
