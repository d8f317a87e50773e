import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** A runner that an aggregator knows of. */
interface Recruit {
  addresses: readonly PeerAddress[];
  /** Named by the operator: never forgotten for others. */
  isNamed: boolean;
  /** Invitations in a row that came to nothing. */
  tries: number;
  /** Not before is it invited again. */
  again_ms: number;
}

/**
 * Whom an aggregator invites, and when again: those that the operator has named first, then whoever was invited longest ago. Who declines
 * or is not there is asked more and more rarely; who worked and went away soon. At most `recruits_known_max` are kept in mind.
 */
export class Recruits {
  readonly #known = new Map<RunnerId, Recruit>();

  note(runner: RunnerId, addresses: readonly PeerAddress[], isNamed = false): void {
    const known = this.#known.get(runner);
    if (known !== undefined) {
      if (addresses.length > 0) known.addresses = addresses;
      return;
    }
    if (this.#known.size >= LIMITS.recruits_known_max && !this.#forgetOne()) return;
    this.#known.set(runner, { addresses, isNamed, tries: 0, again_ms: Number.NEGATIVE_INFINITY });
  }

  addressesOf(runner: RunnerId): readonly PeerAddress[] {
    return this.#known.get(runner)?.addresses ?? [];
  }

  /** Who is to be invited now, at most so many. */
  due(places: number, isServed: (runner: RunnerId) => boolean, now_ms: number): RunnerId[] {
    return [...this.#known]
      .filter(([runner, { again_ms }]) => again_ms <= now_ms && !isServed(runner))
      .sort(([, a], [, b]) => Number(b.isNamed) - Number(a.isNamed) || a.again_ms - b.again_ms)
      .slice(0, Math.max(0, places))
      .map(([runner]) => runner);
  }

  /** What came of an invitation. */
  answered(runner: RunnerId, isAccepted: boolean, now_ms: number): void {
    const known = this.#known.get(runner);
    if (known === undefined) return;
    known.tries = isAccepted ? 0 : known.tries + 1;
    const pause_ms = LIMITS.recruit_again_ms_min * 2 ** Math.min(known.tries, 16);
    known.again_ms = now_ms + Math.min(LIMITS.recruit_again_ms_max, pause_ms);
  }

  /** Whoever came to nothing most often. */
  #forgetOne(): boolean {
    let worst: RunnerId | null = null;
    let tries = 0;
    for (const [runner, known] of this.#known) {
      if (known.isNamed || known.tries <= tries) continue;
      worst = runner;
      tries = known.tries;
    }
    return worst !== null && this.#known.delete(worst);
  }
}
