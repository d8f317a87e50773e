import { LIMITS } from "@infernet/schemas/limits";
import type { Random } from "../random.ts";
import { ContactTable } from "./contact-table.ts";
import { type KadParams, LIBRARY } from "./kad-params.ts";
import { distance, KEY_SPACE, type Key, keyBeside, sharedBits } from "./key-space.ts";
import { answerMs } from "./latency.ts";
import { type KadWorld, type LookUp, lookUp } from "./look-up.ts";

/** What nodes did, all of them together. */
export interface Traffic {
  look_ups: number;
  /** Questions of look-ups, each with its answer. */
  questions: number;
  /** Of those, to machines that were gone. */
  gone: number;
  /** Records and announcements handed to those who keep them. */
  stores: number;
}

/** Nodes that everybody begins with, and that stay. */
export const BOOTSTRAP_NODES = 3;

/**
 * A network as it comes to be: one node after the other joins at one of the first three, looks for itself, fills its buckets, and goes on
 * doing so while others come and go. Every table is what its node has heard. Time and memory go with the nodes: up to some 20,000.
 */
export class GrownNetwork implements KadWorld {
  readonly idOf: Key[] = [];
  readonly params: KadParams;
  readonly traffic: Traffic = { look_ups: 0, questions: 0, gone: 0, stores: 0 };
  /** Questions that each node was asked. */
  readonly asked: number[] = [];
  now_min = 0;
  readonly #tables: (ContactTable | null)[] = [];
  readonly #living: number[] = [];
  readonly #kept = new Map<string, Set<number>>();
  readonly #attackers = new Set<number>();
  readonly #random: Random;
  #pings_of_the_gone = 0;

  constructor(params: KadParams, random: Random) {
    this.params = params;
    this.#random = random;
  }

  get living(): readonly number[] {
    return this.#living;
  }

  /** Contacts tried so far, by everybody. */
  get pings(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.pings ?? 0), this.#pings_of_the_gone);
  }

  isThere = (node: number): boolean => this.#tables[node] !== null;

  answer = (node: number, key: Key): number[] =>
    this.#attackers.has(node)
      ? nearestOf(this.#attackers, key, this.params.k, this.idOf)
      : this.table(node).nearest(key, this.params.k, this.idOf);

  /** A node is mostly connected to whom it knows; whom it hears of it must dial. */
  answer_ms = (asker: number, node: number): number =>
    answerMs(asker, node, this.table(asker).has(node, this.idOf));

  /** @throws RangeError where there is no such node, or none any more */
  table(node: number): ContactTable {
    const table = this.#tables[node];
    if (table === undefined || table === null) throw new RangeError(`there is no node ${node}`);
    return table;
  }

  /** @param id drawn where nothing is said */
  join(id = this.#draw()): number {
    const node = this.idOf.length;
    this.idOf.push(id);
    this.asked.push(0);
    this.#tables.push(new ContactTable(this.params));
    this.#living.push(node);
    if (node > 0) this.#meet(node, this.#random.below(Math.min(BOOTSTRAP_NODES, node)));
    this.refresh(node);
    this.querySelf(node);
    return node;
  }

  /** Joins with an id of its choice, answers every question, and names its like alone; what it is given to keep it does not show. */
  attack(id: Key): number {
    const node = this.join(id);
    this.#attackers.add(node);
    return node;
  }

  isAttacker = (node: number): boolean => this.#attackers.has(node);

  /** @throws RangeError for one of the first, which others begin with */
  leave(node: number): void {
    if (node < BOOTSTRAP_NODES) throw new RangeError("those whom everybody begins with stay");
    this.#pings_of_the_gone += this.table(node).pings;
    this.#tables[node] = null;
    const last = this.#living.pop() as number;
    if (last !== node) this.#living[this.#living.indexOf(node)] = last;
    if (this.params.forgets) this.#forget(node);
  }

  /** Who was connected to it sees that it is gone: as many of the contacts as there are connections. */
  #forget(gone: number): void {
    for (const node of this.#living) {
      const table = this.table(node);
      const isConnected = this.#random.next() < LIMITS.peer_connections_max / table.size;
      if (isConnected) table.forget(gone, this.idOf);
    }
  }

  /** A look-up, and what it leaves in tables: whom it met, and of whom it heard. */
  look(asker: number, key: Key, isEnough?: (node: number, answered: number) => boolean): LookUp {
    const found = lookUp(this, { ...this.params, asker, key, isEnough }, this.#random);
    for (const node of found.answered) {
      this.asked[node] = (this.asked[node] as number) + 1;
      this.#meet(asker, node);
    }
    const table = this.table(asker);
    for (const node of new Set(found.heard))
      if (node !== asker) table.hear(node, this.idOf, this.now_min, this.isThere);
    if (this.params.forgets) for (const node of found.gone) table.forget(node, this.idOf);
    this.traffic.look_ups += 1;
    this.traffic.questions += found.messages;
    this.traffic.gone += found.gone.length;
    return found;
  }

  /** What a connection leaves: either knows the other. */
  #meet(one: number, other: number): void {
    this.table(one).hear(other, this.idOf, this.now_min, this.isThere);
    this.table(other).hear(one, this.idOf, this.now_min, this.isThere);
  }

  /** The library ends this query after twenty events, where twenty peers are meant, and three events are one answer. */
  querySelf(node: number): void {
    const enough = Math.floor(LIBRARY.self_query_events / LIBRARY.events_per_answer);
    this.look(node, this.idOf[node] as Key, (_, answered) => answered >= enough);
  }

  /** The library counts the bytes that its nearest contact shares, where bits are meant, so that few prefixes are refreshed. */
  refresh(node: number): void {
    const own = this.idOf[node] as Key;
    const contacts = this.table(node).contacts();
    const shared = contacts.reduce((most, one) => Math.max(most, sharedBits(own, this.idOf[one] as Key)), 0);
    for (let bits = 0; bits <= Math.floor(shared / 8); bits += 1)
      this.look(node, keyBeside(own, bits, this.#draw()));
  }

  /** Hands something to those nearest to its key: a record, or an announcement under a label. */
  store(node: number, key: Key, what: string): LookUp {
    const found = this.look(node, key);
    this.#kept.set(what, new Set([node, ...found.nearest.filter((one) => !this.#attackers.has(one))]));
    this.traffic.stores += found.nearest.length;
    return found;
  }

  keeps(node: number, what: string): boolean {
    return this.#kept.get(what)?.has(node) ?? false;
  }

  #draw(): Key {
    return Math.floor(this.#random.next() * KEY_SPACE);
  }
}

function nearestOf(nodes: Iterable<number>, key: Key, count: number, idOf: readonly Key[]): number[] {
  const far = (node: number): number => distance(idOf[node] as Key, key);
  return [...nodes].sort((a, b) => far(a) - far(b)).slice(0, count);
}
