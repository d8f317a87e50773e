import { LIMITS } from "@infernet/schemas/limits";
import type { Libp2pOptions } from "libp2p";

type Datastore = NonNullable<Libp2pOptions["datastore"]>;
type Key = Parameters<Datastore["put"]>[0];
type Query = Parameters<Datastore["query"]>[0];
type KeyQuery = Parameters<Datastore["queryKeys"]>[0];
type Batch = ReturnType<Datastore["batch"]>;
interface Entry {
  key: Key;
  value: Uint8Array;
}

/** As the callers of a datastore know it: by its name. */
class NotFoundError extends Error {
  override name = "NotFoundError";
}

/**
 * What the node remembers of peers, and of the DHT for others. Anybody may put something there, so it is bounded in number and bytes:
 * what was used longest ago goes first. In memory: after a restart the others tell it again.
 */
export class BoundedDatastore implements Datastore {
  readonly #entries = new Map<string, Entry>();
  readonly #entries_max: number;
  readonly #bytes_max: number;
  #bytes = 0;

  constructor(
    entries_max: number = LIMITS.peer_store_entries_max,
    bytes_max: number = LIMITS.peer_store_bytes_max,
  ) {
    this.#entries_max = entries_max;
    this.#bytes_max = bytes_max;
  }

  has(key: Key): boolean {
    return this.#entries.has(key.toString());
  }

  put(key: Key, value: Uint8Array): Key {
    this.delete(key);
    this.#entries.set(key.toString(), { key, value });
    this.#bytes += value.length;
    for (const { key: oldest } of this.#entries.values()) {
      if (this.#entries.size <= this.#entries_max && this.#bytes <= this.#bytes_max) break;
      this.delete(oldest);
    }
    return key;
  }

  get(key: Key): Uint8Array {
    const name = key.toString();
    const found = this.#entries.get(name);
    if (found === undefined) throw new NotFoundError(`there is no ${name}`);
    this.#entries.delete(name);
    this.#entries.set(name, found);
    return found.value;
  }

  delete(key: Key): void {
    const name = key.toString();
    this.#bytes -= this.#entries.get(name)?.value.length ?? 0;
    this.#entries.delete(name);
  }

  async *putMany(source: Iterable<Entry> | AsyncIterable<Entry>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value);
  }

  async *getMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Entry> {
    for await (const key of source) yield { key, value: this.get(key) };
  }

  async *deleteMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key);
      yield key;
    }
  }

  batch(): Batch {
    const work: (() => void)[] = [];
    return {
      put: (key, value) => void work.push(() => this.put(key, value)),
      delete: (key) => void work.push(() => this.delete(key)),
      commit: () => {
        for (const step of work.splice(0)) step();
      },
    };
  }

  *query({ prefix, filters = [], orders = [], offset = 0, limit }: Query): Generator<Entry> {
    const found = [...this.#entries.entries()]
      .filter(([name]) => prefix === undefined || name.startsWith(prefix))
      .map(([, entry]) => entry)
      .filter((entry) => filters.every((filter) => filter(entry)));
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  *queryKeys({ prefix, filters = [], orders = [], offset = 0, limit }: KeyQuery): Generator<Key> {
    const found = [...this.#entries.entries()]
      .filter(([name]) => prefix === undefined || name.startsWith(prefix))
      .map(([, { key }]) => key)
      .filter((key) => filters.every((filter) => filter(key)));
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }
}
