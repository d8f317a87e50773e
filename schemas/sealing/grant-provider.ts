import type { Sha256 } from "../digest.ts";
import type { JobEncryption, KeyGrant, SealingKey } from "../encryption.ts";
import { InfernetError } from "../errors.ts";
import type { RunnerId } from "../ids.ts";
import { type ClientKey, openClientKey } from "./client-key.ts";
import type { ContentKey } from "./content-key.ts";
import { isSealingKeyOf } from "./sealing-key.ts";
import { unwrapKey, type WrapContext, wrapKey } from "./wrap-key.ts";

/** A provider as `GET /providers` shows it. */
export interface SealingProvider {
  id: RunnerId;
  sealing_key: SealingKey | null;
}

/** What a client keeps of a sealed job to open its result and to grant it to others. */
export interface OwnJob {
  /** As `sealJob` gave it, and not as somebody else shows it: it tells the job's own key from another. */
  sealing_id: JobEncryption["sealing_id"];
  /** Digest of the model's manifest. */
  model: Sha256;
  /** As the Job shows it, or as it was sent. */
  encryption: Pick<JobEncryption, "client_key" | "client_grant">;
  key: ClientKey;
}

/** Throws `unsealing_failed` when the job's key was not made by this client. */
export async function openOwnKey({ sealing_id, model, encryption, key }: OwnJob): Promise<ContentKey> {
  const context = { sealing_id, model, holder: "client", client_key: encryption.client_key } as const;
  return unwrapKey(encryption.client_grant, await openClientKey(key), context);
}

/**
 * Lets one provider more open a job that is sealed already: the grant goes to `POST /jobs/:id/grants`. Throws
 * `sealing_key_invalid` and `unsealing_failed`.
 */
export async function grantProvider(own: OwnJob, provider: SealingProvider): Promise<KeyGrant> {
  const { sealing_id, model, encryption } = own;
  return grantKey(await openOwnKey(own), provider, { sealing_id, model, client_key: encryption.client_key });
}

/** Wraps a content key for a provider, whose key it was shown to be by its own signature. Throws `sealing_key_invalid`. */
export async function grantKey(
  key: ContentKey,
  { id, sealing_key }: SealingProvider,
  context: Omit<WrapContext, "holder">,
): Promise<KeyGrant> {
  if (sealing_key === null)
    throw new InfernetError("sealing_key_invalid", `${id} has registered no sealing key`);
  if (!(await isSealingKeyOf(id, sealing_key)))
    throw new InfernetError("sealing_key_invalid", `${id} did not sign the sealing key that is shown for it`);
  return { provider: id, ...(await wrapKey(key, sealing_key.public_key, { ...context, holder: id })) };
}
