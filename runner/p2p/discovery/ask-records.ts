import { LIMITS } from "@infernet/schemas/limits";
import { RecordKept, RecordsFound, type RecordsRequest } from "@infernet/schemas/peer/record-messages";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import type { NearPeer } from "./near-peers.ts";

type Question<Ask extends RecordsRequest["ask"]> = Extract<RecordsRequest, { ask: Ask }>;

/** One peer, asked for records on one stream. Every answer rejects with `PeerFault` when it does not come in time. */
export interface RecordsTalk {
  find(question: Omit<Question<"find">, "ask">): Promise<RecordsFound>;
  get(question: Omit<Question<"get">, "ask">): Promise<RecordsFound>;
  /** @returns why the peer does not keep it; null when it does */
  keep(record: Uint8Array): Promise<string | null>;
  close(): Promise<void>;
}

/** Rejects with `PeerFault`. What it answers with is unchecked: see `readPeerRecord`. */
export async function openRecords(
  node: PeerNode,
  { runner, addresses }: NearPeer,
  signal: AbortSignal,
): Promise<RecordsTalk> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.records_ask_ms_max)]);
  const stream = await node.open(runner, PROTOCOLS.records, { addresses, signal: within });
  const messages = openMessages(stream, {
    bytes_max: LIMITS.records_answer_bytes_max + LIMITS.peer_record_bytes_max,
    timeout_ms: LIMITS.records_ask_ms_max,
    signal,
  });
  return {
    find: async (question) => {
      await messages.send({ ask: "find", ...question });
      return messages.receive(RecordsFound);
    },
    get: async (question) => {
      await messages.send({ ask: "get", ...question });
      return messages.receive(RecordsFound);
    },
    keep: async (record) => {
      await messages.send({ ask: "keep", record });
      return (await messages.receive(RecordKept)).refused;
    },
    close: () => messages.close(),
  };
}
