import { renderInstant } from "@infernet/schemas/instant";
import type { PeerMirror } from "@infernet/schemas/peer/peer-mirror";
import { PeerRecord } from "@infernet/schemas/peer/peer-record";
import { type PeerRecordText, parseRecordText } from "@infernet/schemas/peer/peer-record-text";
import { openPayload } from "@infernet/schemas/peer/signed-payload";

/** What is shown of a record that was checked when it came; null when it is over, or the machine has stopped. */
export function renderPeer(text: PeerRecordText | undefined, now_ms: number): PeerMirror | null {
  if (text === undefined) return null;
  const record = openPayload(parseRecordText(text), PeerRecord)?.statement;
  if (record === undefined || record.expires_ms <= now_ms || record.availability === "gone") return null;
  const { addresses, services, models, expires_ms } = record;
  return { addresses, services, models, expires_at: renderInstant(expires_ms) };
}
