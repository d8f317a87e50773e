import type { SealingKey } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { isSealingKeyOf } from "@infernet/schemas/sealing/sealing-key";

/** Clients check it too; one that none of them would take is not shown to any. Throws `sealing_key_invalid`. */
export async function assertSealingKey(id: RunnerId, key: SealingKey | undefined): Promise<void> {
  if (key === undefined || (await isSealingKeyOf(id, key))) return;
  throw new InfernetError(
    "sealing_key_invalid",
    `${id} did not sign the sealing key that came with its registration`,
  );
}
