import { Sha256 } from "@infernet/schemas/digest";
import type { Lease } from "@infernet/schemas/runner";
import { type ClientKey, createClientKey } from "@infernet/schemas/sealing/client-key";
import { type SealedJob, sealJob } from "@infernet/schemas/sealing/seal-job";
import type { Tensor } from "@infernet/schemas/tensor";
import { sliceRows } from "@infernet/schemas/tensor-rows";
import { createIdentity } from "infernet-runner/identity/identity";
import { loadSealingKey } from "infernet-runner/sealing/sealing-key";
import { createUnseal, type Unseal } from "infernet-runner/sealing/unseal";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";

/** A job sealed for one runner, and what that runner opens it with. */
export interface OpenSealedJob {
  key: ClientKey;
  model: Sha256;
  sealed: SealedJob;
  unseal: Unseal;
  /** The lease on some of its rows, with the sealed rows themselves. */
  lease: (
    start: number,
    count: number,
  ) => { lease: Pick<Lease, "model" | "rows" | "sealing">; rows: Tensor[] };
}

export async function openSealedJob({ cleanup }: Pick<BenchContext, "cleanup">, input: Tensor) {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const identity = createIdentity();
  const { registered, opening } = await loadSealingKey(folder.path, identity);
  const key = await createClientKey();
  const model = Sha256.parse("1".repeat(64));
  const providers = [{ id: identity.id, sealing_key: registered }];
  const sealed = await sealJob({ model, inputs: [input], providers, client_key: key.public_key });
  const { encryption, input: sent } = sealed.request;
  const [grant] = encryption.grants;
  const [tensor] = sent.tensors;
  const [blob] = sealed.blobs;
  if (grant === undefined || tensor === undefined || blob === undefined)
    throw new Error("nothing was sealed");
  const { blob: _, ...described } = tensor;
  const whole = { ...described, data: blob.bytes };
  const { sealing_id, client_key, inputs } = encryption;
  const { enc, sealed_key } = grant;
  const sealing = { sealing_id, client_key, inputs, grant: { enc, sealed_key } };
  const open: OpenSealedJob = {
    ...{ key, model, sealed, unseal: createUnseal(identity.id, opening) },
    lease: (start, count) => ({
      lease: { model, rows: [{ start, count }], sealing },
      rows: [sliceRows(whole, start, count)],
    }),
  };
  return open;
}
