import { LIMITS } from "@infernet/schemas/limits";
import type { PeerRecord, SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { type PeerRecordText, renderRecordText } from "@infernet/schemas/peer/peer-record-text";

export interface EdgeMirrorOptions {
  sign(lasting_ms: number): Promise<SignedPeerRecord>;
  tell(record: PeerRecordText): Promise<void>;
  now(): number;
}

/**
 * Keeps what an edge shows of this machine's record true: told when the way to it or what it serves has changed, and once an hour. Each
 * time is a registration, which the edge writes down; so how busy the machine is and which models it has are told along, and not
 * by themselves.
 */
export class EdgeMirror {
  readonly #options: EdgeMirrorOptions;
  #told: { text: string; at_ms: number } | null = null;

  constructor(options: EdgeMirrorOptions) {
    this.#options = options;
  }

  /** To be called with each record that peers were given. Failures are the edge's: the next record is the next try. */
  async follow({ addresses, services }: PeerRecord): Promise<void> {
    const { sign, tell, now } = this.#options;
    const text = JSON.stringify([addresses, services]);
    const told = this.#told;
    if (told?.text === text && now() - told.at_ms < LIMITS.peer_mirror_renew_ms) return;
    this.#told = { text, at_ms: now() };
    try {
      await tell(renderRecordText((await sign(LIMITS.peer_mirror_ms)).bytes));
    } catch {
      this.#told = told;
    }
  }
}
