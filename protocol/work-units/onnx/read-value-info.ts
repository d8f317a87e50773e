import type { PbfReader } from "pbf";
import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";
import type { DeclaredDim, OnnxValueInfo } from "./onnx-model.ts";
import { readInteger, readMessage, readName } from "./wire.ts";

/** A ValueInfoProto: the name of a tensor, and the shape in its type. */
export function readValueInfo(reader: PbfReader): OnnxValueInfo {
  const info: OnnxValueInfo = { name: "", dims: null };
  readMessage(reader, (field) => {
    if (field === 1) info.name = readName(reader);
    if (field === 2) readType(reader, info);
  });
  return info;
}

/** TypeProto: of its kinds, only `tensor_type` has a shape. */
function readType(reader: PbfReader, info: OnnxValueInfo): void {
  readMessage(reader, (kind) => {
    if (kind !== 1) return;
    readMessage(reader, (field) => {
      if (field === 2) readShape(reader, info);
    });
  });
}

function readShape(reader: PbfReader, info: OnnxValueInfo): void {
  if (info.dims !== null) throw new Uncountable("declares two shapes of one tensor");
  const dims: DeclaredDim[] = [];
  readMessage(reader, (field) => {
    if (field !== 1) return;
    dims.push(readDim(reader));
    if (dims.length > COUNT_LIMITS.dimensions_max)
      throw new Uncountable(`declares a tensor of more than ${COUNT_LIMITS.dimensions_max} dimensions`);
  });
  info.dims = dims;
}

/** A negative or an empty dimension says nothing. */
function readDim(reader: PbfReader): DeclaredDim {
  let dim: DeclaredDim = null;
  readMessage(reader, (field) => {
    if (field === 1) dim = readInteger(reader);
    if (field === 2) dim = readName(reader);
  });
  return dim === "" || (typeof dim === "number" && !(dim >= 0)) ? null : dim;
}
