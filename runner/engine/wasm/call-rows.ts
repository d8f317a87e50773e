import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { EngineFailure } from "../engine-failure.ts";
import { ALLOC, RUN } from "./abi.ts";
import type { ModelInstance } from "./model-instance.ts";
import type { Declaration } from "./read-declaration.ts";
import { ALIGNMENT, DESCRIPTOR_BYTES, expectedBytes, layOut, readAnswer, writeCall } from "./rows-layout.ts";

const DIMENSION_MAX = 2 ** 31 - 1;

/** Calls a module of the ABI `rows`. The inputs are in its own order and of its datatypes; so are the outputs. */
export function callRows(
  instance: ModelInstance,
  { outputs: specs }: Declaration,
  inputs: readonly Tensor[],
  rows: number,
): Tensor[] {
  const layout = layOut(inputs, specs);
  const at = allocate(instance, layout.bytes);
  writeCall(instance.memory.buffer, at, layout, inputs, specs, rows);
  const status = instance.call(RUN, rows, at, at + layout.outputsAt);
  if (status !== 0)
    throw new EngineFailure("engine_error", `the module answered with the status ${status | 0}`);
  const { buffer } = instance.memory;
  let left: number = LIMITS.shard_output_bytes_max;
  return specs.map((spec, i) => {
    const output = readOutput(buffer, at + layout.outputsAt + i * DESCRIPTOR_BYTES, spec, rows, left);
    left -= output.data.byteLength;
    return output;
  });
}

/** An aligned address of so many bytes in the module's memory, which the module gives. */
function allocate(instance: ModelInstance, bytes: number): number {
  const wanted = bytes + ALIGNMENT;
  const address = instance.call(ALLOC, wanted);
  const { byteLength } = instance.memory.buffer;
  if (address === 0)
    throw new EngineFailure("out_of_memory", `'${ALLOC}' gave no memory for an input of ${wanted} bytes`);
  if (address + wanted > byteLength)
    throw new EngineFailure(
      "engine_error",
      `'${ALLOC}' gave ${wanted} bytes at ${address}, beyond the module's memory of ${byteLength} bytes`,
    );
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

function readOutput(
  memory: ArrayBufferLike,
  at: number,
  spec: TensorSpec,
  rows: number,
  bytes_max: number,
): Tensor {
  const { address, bytes, shape } = readAnswer(memory, at, spec, rows);
  const refuse = (detail: string): never => {
    throw new EngineFailure("output_mismatch", `output '${spec.name}' ${detail}`);
  };
  if (address + bytes > memory.byteLength)
    refuse(`has ${bytes} bytes at ${address}, beyond the module's memory of ${memory.byteLength} bytes`);
  if (shape.some((size) => size > DIMENSION_MAX)) refuse(`has the shape [${shape}]`);
  const expected = expectedBytes(spec, shape);
  if (expected !== null && expected !== bytes)
    refuse(`has ${bytes} bytes; ${spec.datatype} [${shape}] has ${expected}`);
  if (bytes > bytes_max) refuse(`and those before it have more than ${LIMITS.shard_output_bytes_max} bytes`);
  return {
    name: spec.name,
    datatype: spec.datatype,
    shape,
    data: new Uint8Array(memory, address, bytes).slice(),
  };
}
