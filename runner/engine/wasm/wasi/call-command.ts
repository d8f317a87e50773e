import type { Tensor } from "@infernet/schemas/tensor";
import { EngineFailure } from "../../engine-failure.ts";
import { START } from "../abi.ts";
import type { ModelInstance } from "../model-instance.ts";
import type { Declaration } from "../read-declaration.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import type { WasiHost } from "./wasi-host.ts";

/** Calls a module of the ABI `wasi`. The inputs are in its own order and of its datatypes; so are the outputs. */
export function callCommand(
  host: WasiHost,
  instance: ModelInstance,
  { outputs }: Declaration,
  inputs: readonly Tensor[],
  rows: number,
): Tensor[] {
  const { exit_code, output, errors } = host.run(instance, encodeFrame(inputs, rows), START);
  if (exit_code !== 0)
    throw new EngineFailure(
      "engine_error",
      `the command ended with exit code ${exit_code}${errors && `: ${errors}`}`,
    );
  return decodeFrame(output, outputs, rows);
}
