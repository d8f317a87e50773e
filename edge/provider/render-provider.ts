import type { StoredProvider } from "@infernet/db/provider/queries";
import { listConvictions, projectBan } from "@infernet/protocol/ban-rules";
import type { LedgerTotals } from "@infernet/protocol/ledger-totals";
import { renderReputation } from "@infernet/protocol/reputation";
import { renderInstant } from "@infernet/schemas/instant";
import type { Provider } from "@infernet/schemas/provider";
import { renderPeer } from "./render-peer.ts";

/** What everybody may see of a provider. */
export function renderProvider(stored: StoredProvider, totals: LedgerTotals, now_ms: number): Provider {
  const { name, version, capability, sealing_key, peer_record } = stored.registration;
  return {
    id: stored.id,
    object: "provider",
    name: name ?? null,
    version,
    capability,
    measured: stored.measured,
    sealing_key: sealing_key ?? null,
    peer: renderPeer(peer_record, now_ms),
    marked: listConvictions(totals.marks).length > 0,
    referee: stored.trusted,
    ban: projectBan(totals.marks, now_ms),
    reputation: renderReputation(totals, now_ms),
    first_seen_at: renderInstant(stored.first_seen_ms),
    last_seen_at: renderInstant(stored.last_seen_ms),
  };
}
