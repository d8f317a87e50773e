import { InfernetError } from "@infernet/schemas/errors";
import { byteCount, type Tensor, type TensorBlob } from "@infernet/schemas/tensor";
import { createBlobStore } from "../blobs/create-blob-store.ts";

/** Throws `input_blob_missing` and `input_mismatch` unless every blob that the inputs name is there, and as long as it says. */
export async function assertInputsStored(env: Env, inputs: readonly (Tensor | TensorBlob)[]): Promise<void> {
  for (const [index, input] of inputs.entries()) if ("blob" in input) await assertStored(env, input, index);
}

async function assertStored(env: Env, input: TensorBlob, index: number): Promise<void> {
  const found = await createBlobStore(env).head(input.blob);
  const pointer = `/input/tensors/${index}/blob`;
  if (found === null) {
    const detail = `there is no blob ${input.blob}`;
    throw new InfernetError("input_blob_missing", detail, { errors: [{ pointer, detail }] });
  }
  if (input.datatype === "BYTES") return;
  const bytes = byteCount(input.datatype, input.shape);
  if (found.bytes === bytes) return;
  const detail = `${input.datatype}[${input.shape}] is ${bytes} bytes, the blob has ${found.bytes}`;
  throw new InfernetError("input_mismatch", detail, { errors: [{ pointer, detail }] });
}
