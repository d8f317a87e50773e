import { LIMITS } from "@infernet/schemas/limits";
import { GENERATION_INPUT, type GenerationError } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Tensor } from "@infernet/schemas/tensor";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { EngineFailure } from "../engine/engine-failure.ts";
import { refusing } from "../engine/refusing.ts";

/** A row that is no request is the client's fault and its own answer: the rows beside it are completed. */
export type ReadRequest = { request: GenerationRequest } | { error: GenerationError };

/** The requests that a lease's rows are. Throws `input_mismatch` where there are not so many rows of them. */
export function readRequests(inputs: readonly Tensor[], rows: number): ReadRequest[] {
  const input = inputs.find(({ name }) => name === GENERATION_INPUT.name);
  if (input === undefined || input.datatype !== GENERATION_INPUT.datatype)
    throw new EngineFailure("input_mismatch", `the lease has no input '${GENERATION_INPUT.name}' of BYTES`);
  const elements = refusing("input_mismatch", () => splitBytes(input.data));
  if (elements.length !== rows)
    throw new EngineFailure("input_mismatch", `the lease has ${elements.length} requests for ${rows} rows`);
  return elements.map(readRequest);
}

function readRequest(row: Uint8Array): ReadRequest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(row));
  } catch {
    return invalid("the request is no JSON in UTF-8");
  }
  const read = GenerationRequest.safeParse(value);
  if (read.success) return { request: read.data };
  const [issue] = read.error.issues;
  return invalid(`the request does not fit the schema at /${issue?.path.join("/")}: ${issue?.message}`);
}

const invalid = (message: string): ReadRequest => ({
  error: { code: "request_invalid", message: message.slice(0, LIMITS.failure_detail_chars_max) },
});
