import { InfernetError } from "./errors.ts";
import { elementCount, type Tensor, type TensorJson } from "./tensor.ts";
import { splitBytes } from "./tensor-bytes.ts";
import { isFixed, numbersOf, viewElements } from "./tensor-elements.ts";
import { ElementRefused, encodeElements } from "./tensor-json-elements.ts";

/**
 * Reads a tensor from JSON. `data` is flat, or nested exactly as the shape says. Booleans are `true` and `false`,
 * integers whole numbers in the datatype's range (64-bit ones also decimal strings, the only exact form beyond 2^53),
 * floats numbers in the datatype's range or "NaN", "Infinity" and "-Infinity", BYTES strings taken as UTF-8.
 *
 * @param pointer JSON pointer (RFC 6901) of the tensor in the request
 * @throws InfernetError input_mismatch, pointing at the array or element at fault
 */
export function parseTensorJson(json: TensorJson, pointer: string): Tensor {
  const { name, datatype, shape } = json;
  const isNested = shape.length > 1 && Array.isArray(json.data[0]);
  const elements = isNested ? flatten(json, `${pointer}/data`) : json.data;
  const count = elementCount(shape);
  if (elements.length !== count)
    refuse(
      `${pointer}/data`,
      `'${name}' is [${shape}], which is ${count} elements, but has ${elements.length}.`,
    );
  try {
    return { name, datatype, shape, data: encodeElements(datatype, elements) };
  } catch (error) {
    if (!(error instanceof ElementRefused)) throw error;
    const path = isNested ? indexPath(error.index, shape) : [error.index];
    return refuse(
      `${pointer}/data/${path.join("/")}`,
      `'${name}' is ${datatype}, but an element ${error.message}.`,
    );
  }
}

function refuse(pointer: string, detail: string): never {
  throw new InfernetError("input_mismatch", detail, { errors: [{ pointer, detail }] });
}

/** Elements of nested data in row-major order; the shape bounds how deep and how wide this goes. */
function flatten({ name, shape, data }: TensorJson, pointer: string): unknown[] {
  const elements: unknown[] = [];
  const walk = (part: unknown, depth: number, path: string): void => {
    if (!Array.isArray(part) || part.length !== shape[depth])
      refuse(
        path,
        `'${name}' is [${shape}], so this is an array of ${shape[depth]}; it is ${describe(part)}.`,
      );
    if (depth === shape.length - 1) for (const element of part) elements.push(element);
    else for (const [i, inner] of part.entries()) walk(inner, depth + 1, `${path}/${i}`);
  };
  walk(data, 0, pointer);
  return elements;
}

const describe = (value: unknown): string =>
  Array.isArray(value) ? `an array of ${value.length}` : "no array";

/** The position of the n-th element in row-major order, along each dimension. */
function indexPath(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape.map((_, dimension) => {
    const size = elementCount(shape.slice(dimension + 1));
    const position = Math.floor(rest / size);
    rest %= size;
    return position;
  });
}

const decodeText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The tensor in JSON, with flat data: 64-bit integers are decimal strings, and floats that JSON has no number for are
 * "NaN", "Infinity" and "-Infinity". `parseTensorJson` reads all of it back to the same values (minus zero becomes
 * zero when the JSON is written).
 *
 * @throws InfernetError not_acceptable when BYTES are not UTF-8, for which JSON has no exact form
 */
export function renderTensorJson(tensor: Tensor): TensorJson {
  const { name, datatype, shape } = tensor;
  return { name, datatype, shape, data: renderElements(tensor) };
}

function renderElements(tensor: Tensor): (number | string | boolean)[] {
  if (!isFixed(tensor)) return renderBytes(tensor);
  const { datatype, data } = tensor;
  switch (datatype) {
    case "BOOL":
      return Array.from(data, (byte) => byte !== 0);
    case "INT64":
    case "UINT64":
      return Array.from(viewElements(datatype, data), String);
    case "FP16":
    case "FP32":
    case "FP64":
      return Array.from(numbersOf(datatype, data), renderFloat);
    default:
      return Array.from(numbersOf(datatype, data));
  }
}

const renderFloat = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function renderBytes(tensor: Tensor): string[] {
  try {
    return splitBytes(tensor.data).map((element) => decodeText.decode(element));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new InfernetError(
      "not_acceptable",
      `'${tensor.name}' holds bytes that are not UTF-8, so it has no exact form in JSON.`,
    );
  }
}
