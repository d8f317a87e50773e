import { InfernetError } from "@infernet/schemas/errors";
import { GENERATION_OUTPUT, Generation } from "@infernet/schemas/llm/generation";
import type { Tensor } from "@infernet/schemas/tensor";
import { splitBytes } from "@infernet/schemas/tensor-bytes";

/** The completions in an output of a model that generates text, row by row. Throws `generation_invalid`. */
export function readGenerations(outputs: readonly Tensor[]): Generation[] {
  const tensor = outputs.find(({ name }) => name === GENERATION_OUTPUT.name);
  if (tensor === undefined)
    throw new InfernetError("generation_invalid", `there is no output ${GENERATION_OUTPUT.name}`);
  return splitBytes(tensor.data).map((bytes, row) => parseGeneration(row, bytes));
}

function parseGeneration(row: number, bytes: Uint8Array): Generation {
  const parsed = Generation.safeParse(parseJson(row, bytes));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join("/") ?? "";
  throw new InfernetError("generation_invalid", `row ${row}: /${place} ${issue?.message}`);
}

function parseJson(row: number, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new InfernetError("generation_invalid", `row ${row} is not JSON in UTF-8`);
  }
}
