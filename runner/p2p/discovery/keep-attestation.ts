import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "@infernet/schemas/limits";
import type { AttestationText } from "@infernet/schemas/peer/attestation";
import type { EdgeClient } from "../../transport/edge-client.ts";

export interface AttestationKeeperOptions {
  client: Pick<EdgeClient, "getAttestation">;
  onNew(): void;
  signal: AbortSignal;
  /** Shorter in tests. */
  retry_ms?: number;
}

/** What the edge says of this machine: asked for as long as the signal lets, and anew long before it is over. */
export function keepAttestation({
  client,
  onNew,
  signal,
  retry_ms = LIMITS.attestation_retry_ms,
}: AttestationKeeperOptions): () => AttestationText[] {
  let kept: { text: AttestationText; until_ms: number } | null = null;
  const keep = async (): Promise<void> => {
    while (!signal.aborted) {
      // An edge that is away, or has not taken the runner in yet, is asked again.
      const text = await client.getAttestation(signal).catch(() => null);
      if (text !== null) {
        kept = { text, until_ms: Date.now() + LIMITS.attestation_ms };
        onNew();
      }
      const rest_ms = text === null ? retry_ms : LIMITS.attestation_renew_ms;
      await sleep(rest_ms, undefined, { signal }).catch(() => undefined);
    }
  };
  void keep();
  return () => (kept !== null && kept.until_ms > Date.now() ? [kept.text] : []);
}
