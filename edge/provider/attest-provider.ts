import { LIMITS } from "@infernet/schemas/limits";
import {
  type Attestation,
  type SignedAttestation,
  signAttestation,
} from "@infernet/schemas/peer/attestation";
import type { Provider } from "@infernet/schemas/provider";
import { base64urlnopad } from "@scure/base";
import type { NetworkKey } from "../network/network-key.ts";

/** This network's signed word of a provider, by its ledger as it is now. */
export async function attestProvider(
  { id: runner, reputation, ban }: Provider,
  { id: network, privateKey }: NetworkKey,
  now_ms: number,
): Promise<SignedAttestation> {
  const { score, uptime, latency_ms, audits_passed, convictions } = reputation;
  const { shards_completed, shards_failed, shards_expired } = reputation;
  const attestation: Attestation = {
    type: "infernet.attestation.v1",
    ...{ network, runner, score, uptime, audits_passed, convictions },
    ...{ shards_completed, shards_failed, shards_expired },
    latency_p50_ms: latency_ms === null ? null : Math.round(latency_ms.p50),
    banned: ban !== null,
    issued_ms: now_ms,
    expires_ms: now_ms + LIMITS.attestation_ms,
  };
  const sign = async (statement: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, statement));
  const signed = base64urlnopad.encode(await signAttestation(attestation, sign));
  return { object: "attestation", attestation, signed };
}
