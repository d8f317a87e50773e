import { type Bytes, type Sha256, sha256 } from "../digest.ts";
import type { ProviderEncryption, SealingId } from "../encryption.ts";
import { InfernetError } from "../errors.ts";
import type { Tensor, TensorBlob } from "../tensor.ts";
import { assertTensorBytes } from "../tensor-check.ts";
import { rowCount } from "../tensor-rows.ts";
import type { ClientKey } from "./client-key.ts";
import { createContentKey, deriveRecordKeys, deriveSealingId } from "./content-key.ts";
import { grantKey, type SealingProvider } from "./grant-provider.ts";
import { createWebCipher } from "./record-cipher.ts";
import { sealRows } from "./seal-rows.ts";
import { formOf } from "./sealed-form.ts";
import { wrapKey } from "./wrap-key.ts";

export interface SealJobOptions {
  /** Digest of the model's manifest; a name could come to mean another model. */
  model: Sha256;
  /** Rows, as they would be sent unsealed. */
  inputs: readonly Tensor[];
  /** Who may read them: as `GET /providers` shows them. The job's shards and checks go to these alone. */
  providers: readonly SealingProvider[];
  /** Who opens the result: see `createClientKey`. */
  client_key: ClientKey["public_key"];
}

export interface SealedJob {
  /** To be kept, with the client's private key: see `openResult`. */
  sealing_id: SealingId;
  /** What to upload before the job is posted: `PUT /blobs/<sha256>`. */
  blobs: { sha256: Sha256; bytes: Bytes }[];
  /** Members of the request to `POST /jobs`. */
  request: { model: Sha256; input: { tensors: TensorBlob[] }; encryption: ProviderEncryption };
}

/**
 * Seals a job's rows under a key that is made for it, and wraps that key for each provider and for the client. Throws
 * `sealing_key_invalid` for a provider whose key is not its own, and `input_mismatch` for tensors that are no rows.
 */
export async function sealJob({ model, inputs, providers, client_key }: SealJobOptions): Promise<SealedJob> {
  const rows = countRows(inputs);
  const key = createContentKey();
  const sealing_id = deriveSealingId(key);
  const context = { sealing_id, model, client_key };
  const grants = await Promise.all(providers.map((provider) => grantKey(key, provider, context)));
  const client_grant = await wrapKey(key, client_key, { ...context, holder: "client" });
  const cipher = await createWebCipher(deriveRecordKeys(key, "input"));
  const blobs: SealedJob["blobs"] = [];
  const tensors: TensorBlob[] = [];
  for (const input of inputs) {
    const sealed = { sealing_id, direction: "input", spec: formOf(input), rows } as const;
    const { data, ...described } = await sealRows(input, sealed, [{ start: 0, count: rows }], cipher);
    const blob = await sha256(data);
    blobs.push({ sha256: blob, bytes: data });
    tensors.push({ ...described, blob });
  }
  const described = inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));
  const encryption = {
    mode: "provider",
    sealing_id,
    client_key,
    inputs: described,
    client_grant,
    grants,
  } as const;
  return { sealing_id, blobs, request: { model, input: { tensors }, encryption } };
}

function countRows(inputs: readonly Tensor[]): number {
  const [first] = inputs;
  const rows = first === undefined ? 0 : rowCount(first);
  for (const input of inputs) {
    assertTensorBytes(input);
    if (rowCount(input) === rows && rows > 0) continue;
    throw new InfernetError(
      "input_mismatch",
      `'${input.name}' has ${rowCount(input)} rows and '${first?.name}' has ${rows}; all inputs have one number of rows, at least one.`,
    );
  }
  return rows;
}
