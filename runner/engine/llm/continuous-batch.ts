import { LIMITS } from "@infernet/schemas/limits";
import { BLOCK, type Call } from "./canonical-schedule.ts";
import type { Completion } from "./completion.ts";
import type { Decoder } from "./decoder.ts";
import { tokenBytes } from "./decoder-layout.ts";
import { KeyValueSlots } from "./key-value-slots.ts";
import { type PrefixKey, PrefixStore, prefixKey } from "./prefix-store.ts";

export interface BatchOptions {
  decoder: Decoder;
  /** Whether several completions can share a call: see `standsGaps`. Else each has calls of its own, by turns. */
  sharesCalls: boolean;
  /** Bytes that keys and values of earlier requests may take. */
  prefix_bytes_max: number;
  /** Told when a completion is finished. */
  onEnd(completion: Completion): void;
  /** Told when one cannot be. */
  onFailure(completion: Completion, reason: unknown): void;
}

interface Seat {
  completion: Completion;
  /** A prompt is computed in slots of its own, which it leaves for the batch when it comes to single tokens. */
  own: KeyValueSlots;
  /** Of its whole blocks, as far as anybody asked. */
  keys: PrefixKey[];
  failure?: { reason: unknown };
}

/** Of the prompts that are being computed, the share that gets a call in each round. */
const STARTING_SHARE = 1 / 4;

/**
 * Works on many completions at once, in rounds: the next token of all that are past their prompt in one call, and a part of
 * the prompt of some that are not, by turns. So whoever comes waits for no other to be finished, and whoever is under way is
 * not held up by a long prompt.
 */
export class ContinuousBatch {
  readonly #options: BatchOptions;
  readonly #prefixes: PrefixStore;
  /** One row for each that is past its prompt, in the same order. */
  readonly #slots: KeyValueSlots;
  readonly #stepping: Seat[] = [];
  /** The others; the first has its turn. */
  readonly #starting: Seat[] = [];

  constructor(options: BatchOptions) {
    const { decoder, prefix_bytes_max } = options;
    this.#options = options;
    this.#slots = new KeyValueSlots(decoder.layout);
    const tokens = Math.floor(prefix_bytes_max / tokenBytes(decoder.layout));
    this.#prefixes = new PrefixStore(Math.min(LIMITS.prefix_tokens_kept_max, tokens));
  }

  get isIdle(): boolean {
    return this.#stepping.length + this.#starting.length === 0;
  }

  add(completion: Completion): void {
    const { decoder, sharesCalls } = this.#options;
    const own = new KeyValueSlots(decoder.layout, { isExact: !sharesCalls });
    own.add();
    this.#starting.push({ completion, own, keys: [] });
  }

  /** Forgets one that nobody wants any more. Not while a round is under way. */
  remove(completion: Completion): void {
    for (const seats of [this.#stepping, this.#starting]) {
      const seat = seats.find((one) => one.completion === completion);
      if (seat) this.#leave(seat);
    }
  }

  async round(): Promise<void> {
    await this.#completeBlocks();
    await this.#step();
    const share = this.#options.sharesCalls ? STARTING_SHARE : 1;
    for (let parts = Math.ceil(this.#starting.length * share); parts > 0; parts--) await this.#computePart();
  }

  /** Rows whose block is complete have it computed as a whole before they go on. */
  async #completeBlocks(): Promise<void> {
    for (const seat of [...this.#stepping]) {
      const call = seat.completion.next();
      if (!call || call.count === 1) continue;
      await this.#compute(seat, this.#slots, this.#stepping.indexOf(seat), call);
      this.#settle(seat);
    }
  }

  /** The next token of every row. */
  async #step(): Promise<void> {
    const seats = [...this.#stepping];
    if (seats.length === 0) return;
    const calls = seats.map(({ completion: { computed } }) => ({ from: computed, count: 1 }));
    const lengths = calls.map(({ from }) => from);
    const tokens = seats.map(({ completion }) => completion.tokens[completion.computed] ?? 0);
    try {
      this.#slots.fit();
      const { logits, fresh, ms } = await this.#options.decoder.compute(this.#slots, 0, tokens, lengths);
      this.#slots.fit(Math.max(...lengths) + 1);
      const vocabulary = logits.length / seats.length;
      for (const [row, call] of calls.entries()) {
        this.#slots.put(row, call.from, 1, fresh, row);
        const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
        this.#take(seats[row], call, own, ms / seats.length);
      }
    } catch (reason) {
      for (const seat of seats) seat.failure = { reason };
    }
    for (const seat of seats) this.#settle(seat);
  }

  /** A part of the prompt whose turn it is. */
  async #computePart(): Promise<void> {
    const seat = this.#starting.shift();
    if (!seat) return;
    this.#takeKept(seat);
    const call = seat.completion.next();
    if (call) await this.#compute(seat, seat.own, 0, call);
    this.#starting.push(seat);
    this.#settle(seat);
    const mayJoin = this.#options.sharesCalls && !seat.failure;
    if (mayJoin && seat.completion.next()?.count === 1) this.#join(seat);
  }

  #join(seat: Seat): void {
    this.#starting.splice(this.#starting.indexOf(seat), 1);
    const { computed } = seat.completion;
    const row = this.#slots.add();
    this.#slots.put(row, 0, computed, seat.own.read(0, 0, computed), 0);
    this.#stepping.push(seat);
    seat.own = new KeyValueSlots(this.#options.decoder.layout);
  }

  /** Several tokens of one completion. */
  async #compute(seat: Seat, slots: KeyValueSlots, row: number, call: Call): Promise<void> {
    const { completion } = seat;
    const { from, count } = call;
    try {
      slots.prepare(row, from);
      const tokens = completion.tokens.slice(from, from + count);
      const { logits, fresh, ms } = await this.#options.decoder.compute(slots, row, tokens, [from]);
      slots.put(row, from, count, fresh, 0);
      if (count === BLOCK && completion.isCanonical) this.#keep(seat, slots, row, from);
      this.#take(seat, call, logits, ms);
    } catch (reason) {
      seat.failure = { reason };
    }
  }

  #take(seat: Seat | undefined, call: Call, logits: Float32Array, ms: number): void {
    if (!seat) return;
    const vocabulary = logits.length / call.count;
    seat.completion.compute_ms += ms;
    try {
      seat.completion.take(call, (i) => logits.subarray(i * vocabulary, (i + 1) * vocabulary));
    } catch (reason) {
      seat.failure = { reason };
    }
  }

  #keep(seat: Seat, slots: KeyValueSlots, row: number, from: number): void {
    const key = keyOf(seat, from);
    if (!this.#prefixes.has(key)) this.#prefixes.set(key, slots.read(row, from, BLOCK));
  }

  /** Takes over the blocks of the prompt that were computed before; its last token is always computed, for its logits. */
  #takeKept(seat: Seat): void {
    const { completion, own } = seat;
    for (
      let from = completion.computed;
      from % BLOCK === 0 && from + BLOCK < completion.prompt;
      from += BLOCK
    ) {
      const kept = this.#prefixes.get(keyOf(seat, from));
      if (!kept) return;
      own.put(0, from, BLOCK, kept, 0);
      completion.computed = from + BLOCK;
      completion.cached += BLOCK;
    }
  }

  /** Lets go of one that is finished or failed. */
  #settle(seat: Seat): void {
    const { completion, failure } = seat;
    if (!failure && completion.finish_reason === null) return;
    this.#leave(seat);
    if (failure) this.#options.onFailure(completion, failure.reason);
    else this.#options.onEnd(completion);
  }

  #leave(seat: Seat): void {
    const starting = this.#starting.indexOf(seat);
    if (starting !== -1) this.#starting.splice(starting, 1);
    const row = this.#stepping.indexOf(seat);
    if (row === -1) return;
    this.#slots.remove(row);
    const last = this.#stepping.pop();
    if (last && last !== seat) this.#stepping[row] = last;
  }
}

function keyOf({ completion, keys }: Seat, from: number): PrefixKey {
  for (let start = keys.length * BLOCK; start <= from; start += BLOCK) {
    keys.push(prefixKey(keys.at(-1) ?? null, completion.tokens.slice(start, start + BLOCK)));
  }
  return keys[from / BLOCK] ?? "";
}
