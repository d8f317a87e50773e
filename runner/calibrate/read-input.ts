import { readFile } from "node:fs/promises";
import { InfernetError } from "@infernet/schemas/errors";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Tensor, TensorJson } from "@infernet/schemas/tensor";
import { assertInputs, assertTensorBytes } from "@infernet/schemas/tensor-check";
import { parseTensorJson } from "@infernet/schemas/tensor-json";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { z } from "zod";
import { RunnerError } from "../runner-error.ts";

const InputJson = z.object({ tensors: z.array(TensorJson).min(1) });

/**
 * Rows from a file: `{ "tensors": [...] }` as in a job's input, in JSON or in CBOR. Throws RunnerError `usage` when it is
 * neither, or not what the model takes.
 */
export async function readInput(path: string, manifest: ModelManifest): Promise<Tensor[]> {
  try {
    const tensors = parseTensors(await readFile(path));
    assertInputs(tensors, manifest.inputs, "/tensors");
    for (const tensor of tensors) assertTensorBytes(tensor);
    return tensors;
  } catch (error) {
    if (error instanceof RunnerError) throw error;
    const why = error instanceof z.ZodError ? (error.issues[0]?.message ?? "") : String(error);
    throw new RunnerError("usage", `${path} is no input of this model: ${why}`, { cause: error });
  }
}

function parseTensors(bytes: Buffer): Tensor[] {
  // No CBOR map starts as JSON does.
  if (!/^\s*\{/.test(bytes.subarray(0, 64).toString("latin1"))) return decodeTensors(bytes);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new InfernetError("request_malformed", error instanceof Error ? error.message : String(error));
  }
  return InputJson.parse(json).tensors.map((tensor, i) => parseTensorJson(tensor, `/tensors/${i}`));
}
