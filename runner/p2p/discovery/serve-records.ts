import type { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { readPeerRecord, type SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { type RecordKept, type RecordsFound, RecordsRequest } from "@infernet/schemas/peer/record-messages";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { PeerRates } from "./peer-rates.ts";

/** A request is small but for the names of what the asker knows. */
const REQUEST_BYTES_MAX = 128 * 1024 + LIMITS.peer_record_bytes_max;

/**
 * Serves `/infernet/records/1`: hands on the records that lie on the shelf, and puts down there what peers bring of themselves. Nobody
 * brings another's. A peer that asks more often than `records_per_minute_max` has its stream reset.
 */
export async function serveRecords(node: PeerNode, shelf: RecordShelf, now: () => number): Promise<void> {
  const rates = new PeerRates({ quota: LIMITS.records_per_minute_max, window_ms: 60_000 });
  await node.serve(PROTOCOLS.records, async (stream, from) => {
    const messages = openMessages(stream, { bytes_max: REQUEST_BYTES_MAX });
    for (;;) {
      const request = await messages.receive(RecordsRequest);
      if (!rates.take(from, now()))
        throw new PeerFault("refused", `more than ${LIMITS.records_per_minute_max} questions in a minute`);
      await messages.send(await answer(request, from, shelf, now()));
    }
  });
}

async function answer(
  request: RecordsRequest,
  from: RunnerId,
  shelf: RecordShelf,
  now_ms: number,
): Promise<RecordsFound | RecordKept> {
  switch (request.ask) {
    case "find": {
      const known = new Map(request.known.map(({ runner, sequence }) => [runner, sequence]));
      const isNews = ({ record }: SignedPeerRecord) => record.sequence > (known.get(record.runner) ?? 0);
      return cutAnswer(shelf.find(request.labels, now_ms).filter(isNews));
    }
    case "get":
      return cutAnswer(request.runners.flatMap((runner) => shelf.get(runner, now_ms) ?? []));
    case "keep":
      return { refused: await keep(request.record, from, shelf, now_ms) };
    default:
      return request satisfies never;
  }
}

async function keep(
  bytes: Uint8Array,
  from: RunnerId,
  shelf: RecordShelf,
  now_ms: number,
): Promise<string | null> {
  const read = await readPeerRecord(bytes, now_ms);
  if (!read.ok) return read.fault;
  if (read.value.record.runner !== from) return "another_peers";
  const verdict = shelf.put(read.value, now_ms);
  return verdict === "kept" || verdict === "known" ? null : verdict;
}

/** As many as one answer carries. Which come first changes from answer to answer, so that no peer is always the last. */
function cutAnswer(signed: readonly SignedPeerRecord[]): RecordsFound {
  const start = Math.floor(Math.random() * signed.length);
  const records: RecordsFound["records"] = [];
  let bytes_left: number = LIMITS.records_answer_bytes_max;
  for (const { bytes } of [...signed.slice(start), ...signed.slice(0, start)]) {
    if (records.length === LIMITS.records_answered_max || bytes.length > bytes_left) break;
    records.push(bytes);
    bytes_left -= bytes.length;
  }
  return { records, more: records.length < signed.length };
}
