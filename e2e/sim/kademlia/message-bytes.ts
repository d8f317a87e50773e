/**
 * Bytes on the wire, without TCP's and IP's headers: estimates, from the fields of the messages and what carries them.
 */
const BYTES = {
  /** A question and its answer, without the peers that the answer names: stream, protocol names, Noise's and Yamux's frames. */
  question: 600,
  /** One peer in an answer: its id and two addresses. */
  peer: 70,
  /** A record or an announcement that is handed over, with its stream. */
  store: 2_400,
  /** A ping on a connection that there is. */
  ping: 300,
} as const;

/** Bytes that one node's hour moves, both ways; what it answers to others is as much as what it asks, on average. */
export function bytesOfAnHour(
  { questions, gone, stores, pings }: { questions: number; gone: number; stores: number; pings: number },
  k: number,
): number {
  const asked =
    (questions - gone) * (BYTES.question + k * BYTES.peer) + stores * BYTES.store + pings * BYTES.ping;
  return 2 * asked;
}
