import { LIMITS } from "@infernet/schemas/limits";

/** What a label costs those who keep its records, when so many machines announce themselves under it. */
export interface HotLabel {
  machines: number;
  /** Parts that the label is cut into, by the first bits of the announcers' ids. */
  shards: number;
  /** Of one keeper. */
  handed_per_second: number;
  handed_bytes_per_second: number;
  /** Records that a keeper has room for, of those it is handed. */
  kept_share: number;
  /** Processor time for the connections that announcers come by, of one core. */
  handshake_share: number;
}

/** A record with two GPUs, three models and two addresses: 1.6 KB; `npm run bench -- edge-peer` has one of that size. */
const RECORD_BYTES = 1_600;

/** @param handshake_ms processor time of one connection that comes in, as measured */
export function weighLabel(machines: number, shards: number, handshake_ms: number): HotLabel {
  const each = machines / shards;
  const handed_per_second = (each * 1_000) / LIMITS.peer_record_renew_ms;
  const room = Math.min(LIMITS.peer_records_kept_max, LIMITS.peer_records_kept_bytes_max / RECORD_BYTES);
  return {
    machines,
    shards,
    handed_per_second,
    handed_bytes_per_second: handed_per_second * RECORD_BYTES,
    kept_share: Math.min(1, room / each),
    handshake_share: (handed_per_second * handshake_ms) / 1_000,
  };
}

/** As few parts, in powers of two, as make a keeper have room for all that it is handed. */
export function shardsFor(machines: number): number {
  const bits = Math.max(0, Math.ceil(Math.log2(machines / LIMITS.peer_records_kept_max)));
  return 2 ** bits;
}
