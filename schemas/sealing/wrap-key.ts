import { base64urlnopad, hex } from "@scure/base";
import type { Bytes, Sha256 } from "../digest.ts";
import type { SealingId, WrappedKey, X25519Key } from "../encryption.ts";
import { InfernetError } from "../errors.ts";
import { parseHash } from "../hash.ts";
import type { RunnerId } from "../ids.ts";
import { type ContentKey, deriveSealingId } from "./content-key.ts";
import { frameParts } from "./frame-parts.ts";
import { decodeKey, type OpeningKey, renderKey, SUITE } from "./suite.ts";

/** What a wrapped key is bound to: it opens for this job, model and holder, and for nothing else. */
export interface WrapContext {
  sealing_id: SealingId;
  /** Digest of the model's manifest. */
  model: Sha256;
  holder: RunnerId | "client";
  client_key: X25519Key;
}

const renderInfo = ({ sealing_id, model, holder, client_key }: WrapContext): Bytes =>
  frameParts([
    "infernet/key-grant/v1",
    hex.decode(sealing_id),
    parseHash(model),
    holder,
    decodeKey(client_key),
  ]);

/** Wraps a content key for whoever has the private key to `public_key`. */
export async function wrapKey(
  key: ContentKey,
  public_key: X25519Key,
  context: WrapContext,
): Promise<WrappedKey> {
  const recipient = await SUITE.DeserializePublicKey(decodeKey(public_key));
  const { encapsulatedSecret, ciphertext } = await SUITE.Seal(recipient, key, { info: renderInfo(context) });
  return { enc: renderKey(encapsulatedSecret), sealed_key: base64urlnopad.encode(ciphertext) };
}

/**
 * The content key of a grant. Throws `unsealing_failed` when it was made for another holder, job or model, or holds another
 * key than the sealing id names.
 */
export async function unwrapKey(
  { enc, sealed_key }: WrappedKey,
  opening: OpeningKey,
  context: WrapContext,
): Promise<ContentKey> {
  const info = renderInfo(context);
  const key = await SUITE.Open(opening, decodeKey(enc), decodeKey(sealed_key), { info }).catch(() => null);
  if (key === null)
    throw new InfernetError(
      "unsealing_failed",
      `the key that was granted to ${context.holder} does not open: it was made for another key, job or model`,
    );
  const opened = new Uint8Array(key);
  if (deriveSealingId(opened) === context.sealing_id) return opened;
  throw new InfernetError(
    "unsealing_failed",
    `the key that was granted to ${context.holder} is not that of ${context.sealing_id}`,
  );
}
