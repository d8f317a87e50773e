import { Datatype, type Tensor } from "@infernet/schemas/tensor";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { viewElements } from "@infernet/schemas/tensor-elements";
import type * as ort from "onnxruntime-node";
import { EngineFailure } from "../engine-failure.ts";

const ORT_TYPES = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<Datatype, ort.Tensor.Type>;

/** The network's name for one of ONNX Runtime's element types, or undefined where the network has none. */
export function datatypeOf(type: string): Datatype | undefined {
  return Datatype.options.find((datatype) => ORT_TYPES[datatype] === type);
}

type Ort = typeof ort;

/** A view of the tensor's bytes where they are aligned. BYTES become ONNX strings, which are UTF-8. */
export function toOrt(runtime: Ort, tensor: Tensor): ort.Tensor {
  if (tensor.datatype === "BYTES") {
    return new runtime.Tensor("string", decodeStrings(tensor), tensor.shape);
  }
  return new runtime.Tensor(
    ORT_TYPES[tensor.datatype],
    viewElements(tensor.datatype, tensor.data),
    tensor.shape,
  );
}

function decodeStrings(tensor: Tensor): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return splitBytes(tensor.data).map((element) => decoder.decode(element));
  } catch (error) {
    throw new EngineFailure("input_mismatch", `'${tensor.name}' has an element that is not UTF-8`, {
      cause: error,
    });
  }
}

/** The bytes are a view of what ONNX Runtime returned. */
export function fromOrt(name: string, tensor: ort.Tensor): Tensor {
  const datatype = datatypeOf(tensor.type);
  if (datatype === undefined) {
    throw new EngineFailure("output_mismatch", `output '${name}' has elements of type ${tensor.type}`);
  }
  const { data } = tensor;
  const shape = [...tensor.dims];
  if (ArrayBuffer.isView(data)) {
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    return { name, datatype, shape, data: bytes };
  }
  const encoder = new TextEncoder();
  return { name, datatype, shape, data: joinBytes(data.map((text) => encoder.encode(String(text)))) };
}
