import { type ErrorCode, InfernetError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { byteCount, type Datatype, elementCount, type Tensor, type TensorSpec } from "./tensor.ts";
import { frameBytes } from "./tensor-bytes.ts";
import { isFixed } from "./tensor-elements.ts";
import { rowCount } from "./tensor-rows.ts";
import { widensTo } from "./tensor-widen.ts";

/** What a tensor, inline or in a blob, is by its description. */
interface Described {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
}

type CheckCode = Extract<ErrorCode, "input_mismatch" | "output_invalid">;

/** Throws `code` unless the data is as long as the shape says, or for BYTES, framed into that many elements. */
export function assertTensorBytes(tensor: Tensor, code: CheckCode = "input_mismatch"): void {
  const { name, datatype, shape, data } = tensor;
  if (isFixed(tensor)) {
    const expected = byteCount(tensor.datatype, shape);
    if (data.byteLength === expected) return;
    throw new InfernetError(
      code,
      `'${name}' is ${datatype}[${shape}], which is ${expected} bytes, but has ${data.byteLength}.`,
    );
  }
  if (frameBytes(data, elementCount(shape))) return;
  throw new InfernetError(
    code,
    `'${name}' is BYTES[${shape}], but its ${data.byteLength} bytes are not ${elementCount(shape)} length-prefixed elements.`,
  );
}

/**
 * Checks a job's input against the model's: the same names once each, the rank and free or equal dimensions of the
 * spec, one number of rows, datatypes that widen without loss. Returns the rows. Throws input_mismatch, input_empty or
 * too_many_rows.
 *
 * @param pointer JSON pointer of the array of tensors in the request
 */
export function assertInputs(
  tensors: readonly Described[],
  specs: readonly TensorSpec[],
  pointer = "/input/tensors",
): number {
  const refuse = (at: string, detail: string): never => {
    throw new InfernetError("input_mismatch", detail, { errors: [{ pointer: `${pointer}${at}`, detail }] });
  };
  const byName = assertNames(tensors, specs, "input", refuse);
  const rows = tensors[0] ? rowCount(tensors[0]) : 0;
  for (const spec of specs) {
    const index = byName.get(spec.name) ?? 0;
    const tensor = tensors[index];
    if (!tensor) continue;
    if (!widensTo(tensor.datatype, spec.datatype))
      refuse(
        `/${index}/datatype`,
        `'${spec.name}' is ${tensor.datatype}; the model takes ${spec.datatype}, or what widens to it without loss.`,
      );
    if (!fitsShape(tensor.shape, spec.shape))
      refuse(
        `/${index}/shape`,
        `'${spec.name}' is [${tensor.shape}]; the model takes ${renderShape(spec.shape)}.`,
      );
    if (rowCount(tensor) !== rows)
      refuse(
        `/${index}/shape/0`,
        `'${spec.name}' has ${rowCount(tensor)} rows and '${tensors[0]?.name}' has ${rows}; all inputs have one number of rows.`,
      );
  }
  if (rows === 0) throw new InfernetError("input_empty", "The first dimension of the input is 0.");
  if (rows > LIMITS.rows_per_job_max)
    throw new InfernetError(
      "too_many_rows",
      `The input has ${rows} rows; a job has at most ${LIMITS.rows_per_job_max}.`,
    );
  return rows;
}

/**
 * Checks a shard's outputs against the model's: the same names once each, exact datatypes, the spec's dimensions,
 * `rows` rows and data of that size. Throws output_invalid.
 */
export function assertOutputs(tensors: readonly Tensor[], specs: readonly TensorSpec[], rows: number): void {
  const refuse = (_at: string, detail: string): never => {
    throw new InfernetError("output_invalid", detail);
  };
  const byName = assertNames(tensors, specs, "output", refuse);
  for (const spec of specs) {
    const tensor = tensors[byName.get(spec.name) ?? 0];
    if (!tensor) continue;
    if (tensor.datatype !== spec.datatype)
      refuse("", `Output '${spec.name}' is ${tensor.datatype}; the model gives ${spec.datatype}.`);
    if (!fitsShape(tensor.shape, spec.shape))
      refuse("", `Output '${spec.name}' is [${tensor.shape}]; the model gives ${renderShape(spec.shape)}.`);
    if (rowCount(tensor) !== rows)
      refuse("", `Output '${spec.name}' has ${rowCount(tensor)} rows; the shard has ${rows}.`);
    assertTensorBytes(tensor, "output_invalid");
  }
}

/** Where each name stands, once every spec has exactly one tensor and there are no others. */
function assertNames(
  tensors: readonly Described[],
  specs: readonly TensorSpec[],
  what: "input" | "output",
  refuse: (at: string, detail: string) => never,
): Map<string, number> {
  const known = specs.map((spec) => `'${spec.name}'`).join(", ");
  const byName = new Map<string, number>();
  for (const [index, { name }] of tensors.entries()) {
    if (byName.has(name)) refuse(`/${index}/name`, `There are two ${what}s '${name}'.`);
    if (!specs.some((spec) => spec.name === name))
      refuse(`/${index}/name`, `The model has no ${what} '${name}'; it has ${known}.`);
    byName.set(name, index);
  }
  for (const { name } of specs)
    if (!byName.has(name)) refuse("", `The ${what} '${name}' is missing; the model has ${known}.`);
  return byName;
}

function fitsShape(shape: readonly number[], spec: TensorSpec["shape"]): boolean {
  return shape.length === spec.length && spec.every((size, i) => size === null || size === shape[i]);
}

const renderShape = (spec: TensorSpec["shape"]): string => `[${spec.map((size) => size ?? "any").join(",")}]`;
