/** A shard that has a place in an engine. */
export interface Turn {
  readonly user: string;
  /** Since when the engine works on it, or could; null while something else is waited for. */
  begun_ms: number | null;
  /** Turns that the engine has at once; its time is theirs together. */
  readonly parallel: number;
  /** What it is taken to cost until it is known. */
  readonly expected_ms: number;
}

interface Share {
  /** Engine time of turns that are over, put forward while there was nothing to do. */
  settled_ms: number;
  /** Of one turn, lately. */
  mean_ms: number;
  turns: Set<Turn>;
  waiting: number;
}

/** Weight of the newest turn in the mean. */
const MEAN_WEIGHT = 0.3;

/**
 * Shares the engines of one machine between those who work for different aggregators: each gets an equal share of the engines' time
 * for as long as it has work, and what one leaves is the others'. Who had the least so far is next (start-time fair queueing: Goyal,
 * Vin, Cheng, SIGCOMM 1996), and nobody gets further ahead of another who has work than `lead_ms_max`, on whichever engine. Who comes back
 * after a pause begins where the others are: what was not used is not saved.
 *
 * What a turn costs is known at its end. Until then it counts as much as the last ones of its user did, and more once it has lasted
 * longer: an engine that is slow for one aggregator holds up nobody else.
 */
export class FairShares {
  readonly #lead_ms_max: number;
  readonly #shares = new Map<string, Share>();
  readonly #leaving = new Set<string>();
  /** Where those are who have work; only goes forward. */
  #floor_ms = 0;

  constructor(lead_ms_max: number) {
    this.#lead_ms_max = lead_ms_max;
  }

  /** One more shard of this user waits for an engine. */
  wait(user: string, now_ms: number): void {
    const share = this.#of(user);
    this.#leaving.delete(user);
    if (!isActive(share)) {
      this.#raiseFloor(now_ms);
      share.settled_ms = Math.max(share.settled_ms, this.#floor_ms);
    }
    share.waiting += 1;
  }

  /** It waits no more, and was not begun. */
  giveUp(user: string, now_ms: number): void {
    this.#of(user).waiting -= 1;
    this.#raiseFloor(now_ms);
    this.#dropIfLeft(user);
  }

  /** A shard that waited has a place. */
  enter(user: string, parallel: number): Turn {
    const share = this.#of(user);
    share.waiting -= 1;
    const turn: Turn = { user, begun_ms: null, parallel, expected_ms: share.mean_ms };
    share.turns.add(turn);
    return turn;
  }

  /** Nothing but the engine is waited for. */
  begin(turn: Turn, now_ms: number): void {
    turn.begun_ms = now_ms;
  }

  /** @param compute_ms the engine's time that it took; null where nobody has measured it */
  end(turn: Turn, compute_ms: number | null, now_ms: number): void {
    const share = this.#of(turn.user);
    const cost_ms = compute_ms ?? lasted(turn, now_ms);
    share.turns.delete(turn);
    share.settled_ms += cost_ms;
    share.mean_ms += MEAN_WEIGHT * (cost_ms - share.mean_ms);
    this.#raiseFloor(now_ms);
    this.#dropIfLeft(turn.user);
  }

  /** Who of these is next; null when each is so far ahead of others that it waits for them. */
  next(users: Iterable<string>, now_ms: number): string | null {
    const most_ms = this.#least(now_ms) + this.#lead_ms_max;
    let next: string | null = null;
    let next_ms = Number.POSITIVE_INFINITY;
    for (const user of users) {
      const passed_ms = passed(this.#of(user), now_ms);
      if (passed_ms >= next_ms || passed_ms > most_ms) continue;
      next = user;
      next_ms = passed_ms;
    }
    return next;
  }

  /** Its work is over, but for what is in an engine yet. */
  forget(user: string): void {
    this.#leaving.add(user);
    this.#dropIfLeft(user);
  }

  #dropIfLeft(user: string): void {
    const share = this.#shares.get(user);
    if (!this.#leaving.has(user) || (share !== undefined && isActive(share))) return;
    this.#shares.delete(user);
    this.#leaving.delete(user);
  }

  #of(user: string): Share {
    let share = this.#shares.get(user);
    if (share === undefined) {
      share = { settled_ms: this.#floor_ms, mean_ms: 0, turns: new Set(), waiting: 0 };
      this.#shares.set(user, share);
    }
    return share;
  }

  #active(): Share[] {
    return [...this.#shares.values()].filter(isActive);
  }

  #least(now_ms: number): number {
    return Math.min(...this.#active().map((share) => passed(share, now_ms)));
  }

  #raiseFloor(now_ms: number): void {
    const active = this.#active();
    const reached = active.length > 0 ? this.#least(now_ms) : this.#most();
    this.#floor_ms = Math.max(this.#floor_ms, reached);
  }

  #most(): number {
    return Math.max(0, ...[...this.#shares.values()].map(({ settled_ms }) => settled_ms));
  }
}

const isActive = ({ turns, waiting }: Share): boolean => turns.size > 0 || waiting > 0;

/** Its part of the engine's time, by the clock. */
const lasted = ({ begun_ms, parallel }: Turn, now_ms: number): number =>
  begun_ms === null ? 0 : (now_ms - begun_ms) / parallel;

function passed({ settled_ms, turns }: Share, now_ms: number): number {
  let sum = settled_ms;
  for (const turn of turns) sum += Math.max(turn.expected_ms, lasted(turn, now_ms));
  return sum;
}
