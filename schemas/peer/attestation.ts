import { z } from "zod";
import { NetworkId } from "../commitment.ts";
import type { Bytes } from "../digest.ts";
import { isSignedByNetwork } from "../ed25519.ts";
import { RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { openPayload, sealPayload } from "./signed-payload.ts";

/**
 * What one aggregator says of one provider, by its own reputation ledger. Its word alone: whoever reads it decides which
 * networks' words count. Nobody can announce a score of their own.
 */
export const Attestation = z
  .strictObject({
    type: z.literal("infernet.attestation.v1"),
    network: NetworkId,
    runner: RunnerId,
    /** 0 to 1, as `projectReputation` gives it. */
    score: z.number().min(0).max(1),
    shards_completed: z.int().min(0),
    shards_failed: z.int().min(0),
    shards_expired: z.int().min(0),
    audits_passed: z.int().min(0),
    convictions: z.int().min(0),
    /** Share of the time since it was first seen in which it was there; null where nothing is known yet. */
    uptime: z.number().min(0).max(1).nullable(),
    /** Median from lease to commitment; null before the first shard. */
    latency_p50_ms: z.int().min(0).nullable(),
    banned: z.boolean(),
    issued_ms: z.int(),
    expires_ms: z.int(),
  })
  .meta({ id: "Attestation" });
export type Attestation = z.infer<typeof Attestation>;

/** A signed attestation in base64url, as messages in JSON carry it; says nothing about whether it holds. */
export const AttestationText = z
  .string()
  .max(Math.ceil((LIMITS.attestation_bytes_max * 4) / 3))
  .regex(/^[A-Za-z0-9_-]+$/, "is not base64url")
  .meta({ id: "AttestationText" });
export type AttestationText = z.infer<typeof AttestationText>;

/** `GET /providers/{id}/attestation`: the same thing twice, to be read and to be handed on. */
export const SignedAttestation = z
  .strictObject({ object: z.literal("attestation"), attestation: Attestation, signed: AttestationText })
  .meta({ id: "SignedAttestation" });
export type SignedAttestation = z.infer<typeof SignedAttestation>;

/** @param sign with the network's key */
export const signAttestation = (
  attestation: Attestation,
  sign: (bytes: Bytes) => Promise<Uint8Array>,
): Promise<Bytes> => sealPayload(attestation, sign);

/** The attestation that its network signed for this runner, if it is one and holds at the time; else null. */
export async function readAttestation(
  bytes: Uint8Array,
  runner: RunnerId,
  now_ms: number,
): Promise<Attestation | null> {
  if (bytes.length > LIMITS.attestation_bytes_max) return null;
  const opened = openPayload(bytes, Attestation);
  if (opened === null) return null;
  const { statement, payload, signature } = opened;
  if (statement.runner !== runner) return null;
  const { issued_ms, expires_ms } = statement;
  if (expires_ms <= now_ms || issued_ms > now_ms + LIMITS.peer_clock_skew_ms_max) return null;
  if (expires_ms - issued_ms > LIMITS.attestation_ms) return null;
  return (await isSignedByNetwork(statement.network, payload, signature)) ? statement : null;
}
