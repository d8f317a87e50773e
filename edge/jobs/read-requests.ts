import type { Bytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorBlob } from "@infernet/schemas/tensor";
import { frameBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { describeIssues } from "../http/describe-issues.ts";
import { explainRequest } from "./explain-request.ts";

const POINTER = "/input/tensors/0";

/**
 * The rows of a job on a model that generates text, each parsed and held against the model, so that nobody is sent what
 * cannot be answered. Throws what is wrong with the first that is, pointing at it.
 */
export async function readRequests(
  env: Env,
  input: Tensor | TensorBlob,
  manifest: ModelManifest,
): Promise<GenerationRequest[]> {
  const data = "data" in input ? input.data : await readBlob(env, input);
  const rows = rowCount(input);
  if (frameBytes(data, rows) === null) {
    const detail = `'${input.name}' is BYTES[${input.shape}], but its ${data.byteLength} bytes are not ${rows} length-prefixed elements.`;
    throw new InfernetError("input_mismatch", detail, { errors: [{ pointer: POINTER, detail }] });
  }
  const pointer = (row: number): string =>
    "data" in input ? `${POINTER}/data/${row}` : `${POINTER}/blob/${row}`;
  return splitBytes(data).map((bytes, row) => parseRow(bytes, pointer(row), manifest));
}

async function readBlob(env: Env, { blob }: TensorBlob): Promise<Bytes> {
  const found = await createBlobStore(env).get(blob);
  const refuse = (code: "input_blob_missing" | "input_mismatch", detail: string): never => {
    throw new InfernetError(code, detail, { errors: [{ pointer: `${POINTER}/blob`, detail }] });
  };
  if (found === null) return refuse("input_blob_missing", `there is no blob ${blob}`);
  const bytes = new Uint8Array(await new Response(found.body).arrayBuffer());
  if (bytes.byteLength > LIMITS.generation_input_bytes_max)
    refuse(
      "input_mismatch",
      `the requests are ${bytes.byteLength} bytes; a job takes ${LIMITS.generation_input_bytes_max}`,
    );
  return bytes;
}

function parseRow(bytes: Bytes, pointer: string, manifest: ModelManifest): GenerationRequest {
  const refuse = (
    code: "request_invalid" | "parameter_unsupported" | "context_too_long",
    at: string,
    detail: string,
  ) => new InfernetError(code, `${pointer}: ${detail}`, { errors: [{ pointer: `${pointer}${at}`, detail }] });
  const parsed = GenerationRequest.safeParse(
    decode(bytes, (detail) => refuse("request_invalid", "", detail)),
  );
  if (!parsed.success) {
    const [first] = describeIssues(parsed.error.issues);
    throw refuse("request_invalid", first?.pointer ?? "", first?.detail ?? "is no request for a completion");
  }
  const unfit = explainRequest(parsed.data, manifest);
  if (unfit !== null) throw refuse(unfit.code, unfit.pointer, unfit.detail);
  return parsed.data;
}

function decode(bytes: Bytes, refuse: (detail: string) => Error): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw refuse("is not JSON in UTF-8");
  }
}
