import { InfernetError } from "@infernet/schemas/errors";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Tensor, TensorJson, type TensorSpec } from "@infernet/schemas/tensor";
import { assertInputs } from "@infernet/schemas/tensor-check";
import { parseTensorJson } from "@infernet/schemas/tensor-json";
import { rowBytes } from "@infernet/schemas/tensor-rows";
import { z } from "zod";
import { RunnerError } from "../runner-error.ts";

const TensorsJson = z.strictObject({ tensors: z.array(TensorJson).min(1) });
/** The first character of a JSON value that can be an input. */
const JSON_START = /^\s*[[{]/;

/**
 * A file's rows for a model. `{ "tensors": [...] }` in JSON, as POST /jobs takes it; a list of rows in JSON, for a model with one
 * input; or, for one whose rows have a fixed size, the rows themselves as raw little-endian bytes.
 * Throws RunnerError `input_unusable`.
 *
 * @param name of the file, for messages
 */
export function readRowsInput(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { inputs }: ModelManifest,
): Tensor[] {
  try {
    const tensors = readTensors(bytes, name, inputs);
    assertInputs(tensors, inputs, "/tensors");
    return tensors;
  } catch (error) {
    if (error instanceof InfernetError) throw unusable(name, error.message);
    throw error;
  }
}

function readTensors(bytes: Uint8Array<ArrayBuffer>, name: string, specs: readonly TensorSpec[]): Tensor[] {
  const json = readJson(bytes);
  if (json === undefined) return [rawTensor(bytes, name, onlyOf(specs, name, "raw bytes"))];
  if (Array.isArray(json)) return [listedTensor(json, onlyOf(specs, name, "a list of rows"))];
  const parsed = TensorsJson.safeParse(json);
  if (parsed.success) return parsed.data.tensors.map((one, i) => parseTensorJson(one, `/tensors/${i}`));
  const [issue] = parsed.error.issues;
  throw unusable(name, `/${issue?.path.join("/")}: ${issue?.message}`);
}

/** Undefined for what is no JSON: raw bytes may begin like it. */
function readJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return JSON_START.test(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function onlyOf(specs: readonly TensorSpec[], name: string, what: string): TensorSpec {
  const [spec, ...others] = specs;
  if (spec !== undefined && others.length === 0) return spec;
  throw unusable(name, `${what} are for models of one input; this one has ${specs.length}`);
}

function listedTensor(rows: unknown[], { name, datatype, shape }: TensorSpec): Tensor {
  const [, ...free] = shape;
  const first = rows[0];
  const dimensions = free.map((size, depth) => size ?? lengthAt(first, depth));
  return parseTensorJson({ name, datatype, shape: [rows.length, ...dimensions], data: rows }, "");
}

function lengthAt(row: unknown, depth: number): number {
  let part = row;
  for (let i = 0; i < depth; i += 1) part = Array.isArray(part) ? part[0] : undefined;
  return Array.isArray(part) ? part.length : 0;
}

function rawTensor(
  data: Uint8Array<ArrayBuffer>,
  file: string,
  { name, datatype, shape }: TensorSpec,
): Tensor {
  const dimensions = shape.slice(1).filter((size) => size !== null);
  if (datatype === "BYTES" || dimensions.length < shape.length - 1)
    throw unusable(
      file,
      `it is no JSON, and rows of '${name}' have no fixed size, so raw bytes do not tell them apart`,
    );
  const row_bytes = rowBytes(datatype, [1, ...dimensions]);
  if (data.length === 0 || data.length % row_bytes !== 0)
    throw unusable(
      file,
      `its ${data.length} bytes are no whole rows of '${name}', which have ${row_bytes} each`,
    );
  return { name, datatype, shape: [data.length / row_bytes, ...dimensions], data };
}

const unusable = (name: string, why: string): RunnerError =>
  new RunnerError("input_unusable", `the input ${name} cannot be used: ${why.replace(/\.$/, "")}`);
