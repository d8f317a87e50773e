import type { Bytes } from "../digest.ts";
import { InfernetError } from "../errors.ts";
import type { Tensor, TensorSpec } from "../tensor.ts";
import { decodeTensors } from "../tensors-binary.ts";
import { deriveRecordKeys } from "./content-key.ts";
import { type OwnJob, openOwnKey } from "./grant-provider.ts";
import { openRows } from "./open-rows.ts";
import { createWebCipher } from "./record-cipher.ts";

export interface OpenResultOptions extends OwnJob {
  /** `GET /jobs/:id/result` with `Accept: application/cbor`. */
  result: Bytes;
  /** Outputs of the model, as its manifest has them. */
  outputs: readonly TensorSpec[];
  /** Rows that were sent. */
  rows: number;
}

/**
 * Opens a sealed job's result: one tensor for each output of the model. Throws `unsealing_failed`, naming the row, where
 * anything in it was changed, moved or left out, or was sealed under another key than the client's own.
 */
export async function openResult({ result, outputs, rows, ...own }: OpenResultOptions): Promise<Tensor[]> {
  const key = await openOwnKey(own);
  const cipher = await createWebCipher(deriveRecordKeys(key, "output"));
  const tensors = decodeTensors(result);
  const opened: Tensor[] = [];
  for (const spec of outputs) {
    const tensor = tensors.find(({ name }) => name === spec.name);
    if (tensor === undefined)
      throw new InfernetError("unsealing_failed", `the result has no output '${spec.name}'`);
    const sealed = { sealing_id: own.sealing_id, direction: "output", spec, rows } as const;
    opened.push(await openRows(tensor, sealed, [{ start: 0, count: rows }], cipher));
  }
  return opened;
}
