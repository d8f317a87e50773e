import type { RunnerId } from "@infernet/schemas/ids";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Lease } from "@infernet/schemas/runner";
import { type ContentKey, deriveRecordKeys } from "@infernet/schemas/sealing/content-key";
import { normalizeFloats } from "@infernet/schemas/sealing/normalize-floats";
import { openRows } from "@infernet/schemas/sealing/open-rows";
import { sealRows } from "@infernet/schemas/sealing/seal-rows";
import { formOf } from "@infernet/schemas/sealing/sealed-form";
import type { OpeningKey } from "@infernet/schemas/sealing/suite";
import { unwrapKey } from "@infernet/schemas/sealing/wrap-key";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { EngineFailure } from "../engine/engine-failure.ts";
import { createNativeCipher } from "./native-cipher.ts";

/** A lease's rows as the model takes them, and how what they come to is handed in. */
export interface OpenShard {
  inputs: Tensor[];
  seal(outputs: readonly Tensor[], manifest: Pick<ModelManifest, "outputs">): Promise<readonly Tensor[]>;
}

type SealedLease = Pick<Lease, "model" | "rows" | "sealing">;

/** Opens the rows of sealed leases; those of others it hands on as they are. */
export type Unseal = (lease: SealedLease, inputs: Tensor[]) => Promise<OpenShard>;

/** Jobs whose keys are kept in memory: unwrapping one takes longer than opening a hundred small rows. */
const KEYS_KEPT = 64;

/** Rejects with `unsealing_failed`, which names the grant or the row that does not open. */
export function createUnseal(holder: RunnerId, opening: OpeningKey): Unseal {
  const keys = new Map<string, Promise<ContentKey>>();

  function keyOf(model: Lease["model"], sealing: NonNullable<Lease["sealing"]>): Promise<ContentKey> {
    const { sealing_id, client_key, grant } = sealing;
    const name = [sealing_id, model, client_key, grant.enc, grant.sealed_key].join();
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = unwrapKey(grant, opening, { sealing_id, model, holder, client_key });
    keys.set(name, key);
    key.catch(() => keys.delete(name));
    const [oldest] = keys.keys();
    if (keys.size > KEYS_KEPT && oldest !== undefined) keys.delete(oldest);
    return key;
  }

  return async ({ model, rows: ranges, sealing }, inputs) => {
    if (sealing === undefined) return { inputs, seal: async (outputs) => outputs };
    const key = await keyOf(model, sealing);
    const { sealing_id } = sealing;
    const [first] = sealing.inputs;
    const rows = first === undefined ? 0 : rowCount(first);
    const ofInput = createNativeCipher(deriveRecordKeys(key, "input"));
    const ofOutput = createNativeCipher(deriveRecordKeys(key, "output"));
    const opened: Tensor[] = [];
    for (const described of sealing.inputs) {
      const sealed = inputs.find(({ name }) => name === described.name);
      if (sealed === undefined)
        throw new EngineFailure("input_mismatch", `the lease has no input '${described.name}'`);
      const what = { sealing_id, direction: "input", spec: formOf(described), rows } as const;
      opened.push(await openRows(sealed, what, ranges, ofInput));
    }
    return {
      inputs: opened,
      seal: async (outputs, manifest) => {
        const sealed: Tensor[] = [];
        for (const spec of manifest.outputs) {
          const output = outputs.find(({ name }) => name === spec.name);
          if (output === undefined)
            throw new EngineFailure("output_mismatch", `the model gave no output '${spec.name}'`);
          const what = { sealing_id, direction: "output", spec, rows } as const;
          sealed.push(await sealRows(normalizeFloats(output), what, ranges, ofOutput));
        }
        return sealed;
      },
    };
  };
}
