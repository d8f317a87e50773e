import { runnerOfRecordKey } from "@infernet/schemas/peer/discovery-label";
import { PeerRecord, readPeerRecord } from "@infernet/schemas/peer/peer-record";
import { openPayload } from "@infernet/schemas/peer/signed-payload";
import type { SelectFn, ValidateFn } from "@libp2p/kad-dht";

/** What a node of the DHT takes under a peer's key: that peer's own record, which holds now. */
export const recordValidator =
  (now: () => number): ValidateFn =>
  async (key, value) => {
    const read = await readPeerRecord(value, now());
    if (!read.ok) throw new Error(`the record is ${read.fault}`);
    if (read.value.record.runner !== runnerOfRecordKey(key)) throw new Error("the record is another peer's");
  };

/** Of several records of one peer the one made last. */
export const recordSelector: SelectFn = (_key, values) => {
  const sequences = values.map((value) => openPayload(value, PeerRecord)?.statement.sequence ?? 0);
  return sequences.indexOf(Math.max(...sequences));
};
