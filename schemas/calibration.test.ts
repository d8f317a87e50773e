import { expect, test } from "vitest";
import { Calibration } from "./calibration.ts";

const pair = {
  classes: ["onnx/1.30.0/cpu/fp32", "onnx/1.30.0/webgpu/fp32"],
  inner: { deviation: 2e-5, angle: 1e-10 },
  outer: { deviation: 1e-4, angle: 1e-9 },
  observed: { rows: 512, deviation_p999: 2e-6, deviation_max: 3e-6, angle_p999: 4e-13, angle_max: 9e-13 },
};
const calibration = { model: "ab".repeat(32), rows: 256, runs: 16, pairs: [pair] };

const refusal = (value: unknown): string =>
  Calibration.safeParse(value)
    .error?.issues.map(({ path, message }) => `${path.join("/")}: ${message}`)
    .join("; ") ?? "taken";

test("a calibration is read as it was written", () => {
  expect(Calibration.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
});

test("classes stand in the order of their texts, each pair once", () => {
  const [a, b] = pair.classes;
  expect(refusal({ ...calibration, pairs: [{ ...pair, classes: [b, a] }] })).toBe(
    "pairs/0/classes: are not in the order of their texts",
  );
  expect(refusal({ ...calibration, pairs: [pair, pair] })).toBe("pairs: has a pair of classes twice");
});

test("an outer tolerance inside the inner one is refused", () => {
  for (const outer of [
    { ...pair.outer, deviation: 1e-6 },
    { ...pair.outer, angle: 1e-12 },
  ])
    expect(refusal({ ...calibration, pairs: [{ ...pair, outer }] })).toBe(
      "pairs/0/outer: is narrower than the inner tolerance",
    );
});

test.each([
  ["a field that nobody knows", { ...calibration, note: "" }],
  ["no pair", { ...calibration, pairs: [] }],
  ["no rows", { ...calibration, rows: 0 }],
  ["a class that is none", { ...calibration, pairs: [{ ...pair, classes: ["cpu", "cpu"] }] }],
  [
    "a tolerance of everything",
    { ...calibration, pairs: [{ ...pair, outer: { deviation: 2, angle: 1e-9 } }] },
  ],
  [
    "a number that is none",
    { ...calibration, pairs: [{ ...pair, inner: { deviation: Number.NaN, angle: 0 } }] },
  ],
])("%s is refused", (_, value) => {
  expect(Calibration.safeParse(value).success).toBe(false);
});
