import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerId } from "@libp2p/interface";
import { PeerRates } from "../discovery/peer-rates.ts";
import { runnerIdOf } from "../peer-id.ts";

/**
 * Has the DHT take what peers ask of it, and leave with it, no faster than the limit: each peer waits for its turn. The library
 * works off all that has come without letting anything else have a turn, so that one peer's flood stops the whole process.
 */
export function paceQuestions(dht: object): void {
  const rpc: unknown = Reflect.get(dht, "rpc");
  const handle: unknown = typeof rpc === "object" && rpc !== null ? Reflect.get(rpc, "handleMessage") : null;
  // Of another version of the library nobody knows whether it is safe.
  if (typeof rpc !== "object" || rpc === null || typeof handle !== "function")
    throw new Error("the DHT of libp2p is not the one that this was written for");
  const rates = new PeerRates({ quota: LIMITS.dht_questions_max, window_ms: LIMITS.dht_questions_ms });
  Reflect.set(rpc, "handleMessage", async (peer: PeerId, message: unknown): Promise<unknown> => {
    const from = runnerIdOf(peer);
    if (from === null) throw new Error("only Ed25519 keys are peers here");
    while (!rates.take(from, performance.now())) await sleep(LIMITS.dht_question_wait_ms);
    return Reflect.apply(handle, rpc, [peer, message]);
  });
}
