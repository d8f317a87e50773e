import { setTimeout as sleep } from "node:timers/promises";
import type { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import { LIMITS } from "@infernet/schemas/limits";
import { recordKey } from "@infernet/schemas/peer/discovery-label";
import { type PeerRecord, type SignedPeerRecord, signPeerRecord } from "@infernet/schemas/peer/peer-record";
import type { Identity } from "../../identity/identity.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { LabelHolders } from "./label-holders.ts";
import type { RecordSequence } from "./record-sequence.ts";

/** What a machine says of itself, without who says it, and when. */
export type Announcement = Omit<PeerRecord, "type" | "runner" | "sequence" | "issued_ms" | "expires_ms">;

export interface RecordPublisherOptions {
  node: PeerNode;
  identity: Identity;
  shelf: RecordShelf;
  sequence: RecordSequence;
  describe(): Promise<Announcement>;
  now(): number;
  /** How long a record holds, and how often it is made anew. Shorter in tests. */
  record_ms?: number;
  renew_ms?: number;
  short_ms?: number;
  debounce_ms?: number;
  /** Told of each record that was made, and how many peers keep it. */
  onPublished?(signed: SignedPeerRecord, holders: number): void;
}

/** Keeps what the network knows of this machine true. */
export interface RecordPublisher {
  /** Something may be different: the record is made anew soon, if what it says has changed. */
  changed(): void;
  /** A record of now that holds for as long as is said, for whoever is not asked every few minutes. */
  sign(lasting_ms: number): Promise<SignedPeerRecord>;
  /** Has everybody who keeps the record know that this machine has stopped. */
  stop(): Promise<void>;
}

/** How long a stopping machine goes on telling that it stops. */
const FAREWELL_MS = 8_000;
/** A record that too few keep is made anew after this. */
const SHORT_MS = 60_000;

/**
 * Makes this machine's record, has the nearest peers keep it and puts it into the DHT: as soon as the DHT can be asked, every
 * `renew_ms`, after a change, when the network has grown, and every minute while fewer keep it than should.
 */
export function publishRecord(options: RecordPublisherOptions): RecordPublisher {
  const { node, identity, shelf, sequence, now, debounce_ms = LIMITS.peer_record_debounce_ms } = options;
  const { record_ms = LIMITS.peer_record_ms_default, renew_ms = LIMITS.peer_record_renew_ms } = options;
  const { short_ms = SHORT_MS } = options;
  const holders = new LabelHolders(node, now);
  const stopping = new AbortController();
  const { signal } = stopping;
  let last: { signed: SignedPeerRecord; said: Announcement } | null = null;
  let kept_by = 0;
  let wake = Promise.withResolvers<void>();

  async function sign(said: Announcement, lasting_ms: number): Promise<SignedPeerRecord> {
    const issued_ms = now();
    const record: PeerRecord = {
      type: "infernet.peer.v1",
      runner: identity.id,
      sequence: await sequence.next(issued_ms),
      issued_ms,
      expires_ms: issued_ms + lasting_ms,
      ...said,
    };
    return signPeerRecord(record, identity.sign);
  }

  /** Makes the record anew where it is time, or it says something else; hands it to whoever should have it and has not. */
  async function publish(): Promise<void> {
    const said = await options.describe();
    const isOld = last === null || now() - last.signed.record.issued_ms >= renew_ms;
    const isTrue = JSON.stringify(last?.said) === JSON.stringify(said);
    const good = last === null || isOld || !isTrue ? null : last.signed;
    if (good !== null && !holders.isOutgrown && !holders.isShort) return;
    const signed = good ?? (await sign(said, record_ms));
    last = { signed, said };
    shelf.put(signed, now());
    const within = AbortSignal.any([signal, AbortSignal.timeout(renew_ms)]);
    const [handed] = await Promise.all([holders.hand(signed, within), putRecord(node, signed, within)]);
    kept_by = handed;
    options.onPublished?.(signed, handed);
  }

  async function run(): Promise<void> {
    if (!(await node.joined(signal))) return;
    while (!signal.aborted) {
      wake = Promise.withResolvers<void>();
      // A record that could not be made is made the next time: nothing else depends on it.
      await publish().catch(() => undefined);
      if (holders.isOutgrown) changed();
      await rest();
    }
  }

  /** Until there may be something to do: machines that began together do not go on together. */
  async function rest(): Promise<void> {
    const isKept = kept_by > 0 && !holders.isShort;
    const rest_ms = isKept ? renew_ms * (1 + 0.1 * Math.random()) : Math.min(renew_ms, short_ms);
    const over = new AbortController();
    const pause = (ms: number) =>
      sleep(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
    await Promise.race([pause(rest_ms), wake.promise.then(() => pause(debounce_ms))]);
    over.abort();
  }

  const changed = (): void => wake.resolve();
  const onConnect = (): void => {
    if (holders.isOutgrown) changed();
  };
  node.libp2p.addEventListener("self:peer:update", changed);
  node.libp2p.addEventListener("peer:connect", onConnect);
  const running = run();

  return {
    changed,
    sign: async (lasting_ms) => sign(await options.describe(), lasting_ms),
    stop: async () => {
      node.libp2p.removeEventListener("self:peer:update", changed);
      node.libp2p.removeEventListener("peer:connect", onConnect);
      stopping.abort(new Error("the node is closing"));
      await running;
      if (last === null) return;
      const { signed } = last;
      const within = AbortSignal.timeout(FAREWELL_MS);
      const {
        type: _,
        runner: __,
        sequence: ___,
        issued_ms: ____,
        expires_ms: _____,
        ...said
      } = signed.record;
      const lasting_ms = Math.max(signed.record.expires_ms - now(), 1_000);
      const farewell = await sign({ ...said, availability: "gone", addresses: [] }, lasting_ms);
      shelf.put(farewell, now());
      await Promise.all([holders.handLast(farewell, within), putRecord(node, farewell, within)]);
    },
  };
}

/** Puts a record into the DHT under its runner's key, as far as that goes. */
async function putRecord(node: PeerNode, signed: SignedPeerRecord, signal: AbortSignal): Promise<void> {
  try {
    const events = node.libp2p.services.dht.put(recordKey(signed.record.runner), signed.bytes, { signal });
    for await (const _ of events);
  } catch {
    // Those who keep the record hand it on all the same.
  }
}
