import { z } from "zod";
import { Signature } from "./commitment.ts";
import { RunnerId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { Datatype, Shape, TensorName } from "./tensor.ts";

/** A raw X25519 public key (RFC 7748), 32 bytes in base64url without padding. */
export const X25519Key = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "is not an X25519 public key in base64url")
  .meta({ id: "X25519Key" });
export type X25519Key = z.infer<typeof X25519Key>;

/**
 * What clients seal to for one provider. The signature is the provider's, over `sealingKeyStatement`: its id is the key
 * that verifies it, so nobody between the two can put another key in its place.
 */
export const SealingKey = z
  .strictObject({ public_key: X25519Key, signature: Signature })
  .meta({ id: "SealingKey" });
export type SealingKey = z.infer<typeof SealingKey>;

/** Names a sealed job and commits to its content key: see `deriveSealingId`. */
export const SealingId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "is not a sealing id: 64 lower-case hexadecimal digits")
  .meta({ id: "SealingId" });
export type SealingId = z.infer<typeof SealingId>;

/** A content key wrapped with HPKE: the encapsulated key (32 bytes), and 32 bytes with their tag, in base64url. */
export const WrappedKey = z
  .strictObject({
    enc: X25519Key,
    sealed_key: z.string().regex(/^[A-Za-z0-9_-]{64}$/, "is not a wrapped key: 48 bytes in base64url"),
  })
  .meta({ id: "WrappedKey" });
export type WrappedKey = z.infer<typeof WrappedKey>;

/** The content key for one provider. */
export const KeyGrant = WrappedKey.extend({ provider: RunnerId }).meta({ id: "KeyGrant" });
export type KeyGrant = z.infer<typeof KeyGrant>;

/** What a sealed input is: the tensor as it was before. */
export const SealedInput = z.strictObject({ name: TensorName, datatype: Datatype, shape: Shape });
export type SealedInput = z.infer<typeof SealedInput>;

const inputs = z.array(SealedInput).min(1).max(LIMITS.tensors_per_message_max);

/** What all who work on a sealed job are told. */
const sealing = { sealing_id: SealingId, client_key: X25519Key, inputs };

const hasEachOnce = (grants: readonly KeyGrant[]): boolean =>
  new Set(grants.map(({ provider }) => provider)).size === grants.length;

/** Keys for providers, each of them once. */
export const KeyGrants = z
  .array(KeyGrant)
  .min(1)
  .max(LIMITS.key_grants_max)
  .refine(hasEachOnce, "names a provider twice");

/**
 * Rows and result that only the granted providers and the client can open. `client_grant` is the content key for the
 * client itself, so that its private key is all that it has to keep.
 */
export const ProviderEncryption = z.strictObject({
  mode: z.literal("provider"),
  ...sealing,
  client_grant: WrappedKey,
  grants: KeyGrants,
});
export type ProviderEncryption = z.infer<typeof ProviderEncryption>;

/** Who can read a job's rows: with `none` everybody who handles them, with `provider` who was granted the key. */
export const Encryption = z
  .discriminatedUnion("mode", [z.strictObject({ mode: z.literal("none") }), ProviderEncryption])
  .meta({ id: "Encryption" });
export type Encryption = z.infer<typeof Encryption>;

/** What the Job shows of its encryption: all that its client needs to open the result, and who else can. */
export const JobEncryption = ProviderEncryption.omit({ grants: true })
  .extend({ providers: z.array(RunnerId) })
  .meta({ id: "JobEncryption" });
export type JobEncryption = z.infer<typeof JobEncryption>;

/** What the holder of a lease needs to open its rows and to seal its outputs. */
export const LeaseSealing = z.strictObject({ ...sealing, grant: WrappedKey });
export type LeaseSealing = z.infer<typeof LeaseSealing>;

/** `POST /jobs/:id/grants`. */
export const GrantRequest = z.strictObject({ grants: KeyGrants }).meta({ id: "GrantRequest" });
export type GrantRequest = z.infer<typeof GrantRequest>;
