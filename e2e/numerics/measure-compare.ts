import { compareRows } from "@infernet/protocol/compare";
import { tolerancesFor } from "@infernet/protocol/compare-tolerances";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { type Tensor, TensorName } from "@infernet/schemas/tensor";
import { bytesOf } from "@infernet/schemas/tensor-elements";

export interface CompareCost {
  /** Numbers in a row, and rows in one comparison. */
  columns: number;
  rows: number;
  /** Time of one row whose bits are the same, and of one that differs by a rounding error, in microseconds. */
  equal_us: number;
  rounded_us: number;
}

const REPEATS_MS = 200;
const CPU = ExecutionClass.parse("onnx/1.30.0/cpu/fp32");
const bounds = (datatype: Tensor["datatype"]) => tolerancesFor(null, CPU, CPU, datatype);

/** What the edge spends on holding an audit's rows against the answer's. */
export function measureCompare(columns: number, rows: number): CompareCost {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: rows * columns }, () => random() - 0.5);
  const tensor = (data: Float32Array<ArrayBuffer>): Tensor => ({
    name: TensorName.parse("y"),
    datatype: "FP32",
    shape: [rows, columns],
    data: bytesOf(data),
  });
  const answer = tensor(values);
  const rounded = tensor(values.map((value) => value * (1 + 1e-6 * (random() - 0.5))));
  const time = (other: Tensor) => timeOf(() => compareRows([answer], [other], bounds)) / rows;
  return { columns, rows, equal_us: time(tensor(values.slice())), rounded_us: time(rounded) };
}

/** Microseconds of one call, over many. */
function timeOf(act: () => unknown): number {
  for (let i = 0; i < 50; i++) act();
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < REPEATS_MS) {
    act();
    calls++;
  }
  return ((performance.now() - started) * 1_000) / calls;
}
