import { type Attestation, readAttestation } from "@infernet/schemas/peer/attestation";
import type { PeerRecord } from "@infernet/schemas/peer/peer-record";
import { parseRecordText } from "@infernet/schemas/peer/peer-record-text";

/** What networks say of a peer, of what it shows: theirs, about it, and holding now. Of two words of one network the later counts. */
export async function readAttestations(
  { attestations, runner }: PeerRecord,
  now_ms: number,
): Promise<Attestation[]> {
  const read = await Promise.all(
    attestations.map((text) => readAttestation(parseRecordText(text), runner, now_ms)),
  );
  const byNetwork = new Map<string, Attestation>();
  for (const attestation of read) {
    if (attestation === null) continue;
    const known = byNetwork.get(attestation.network);
    if (known === undefined || attestation.issued_ms > known.issued_ms)
      byNetwork.set(attestation.network, attestation);
  }
  return [...byNetwork.values()];
}
