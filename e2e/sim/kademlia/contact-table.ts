import { LIBRARY } from "./kad-params.ts";
import { distance, type Key } from "./key-space.ts";

interface Bucket {
  depth: number;
  /** The contacts of a leaf, in the order in which they came; null where it was cut in two. */
  nodes: number[] | null;
  added_min: number[];
  low: Bucket | null;
  high: Bucket | null;
}

const bucketAt = (depth: number): Bucket => ({ depth, nodes: [], added_min: [], low: null, high: null });

/**
 * Whom one node knows, as `k-bucket.ts` of the library keeps it. A full bucket is cut in two wherever in the space it lies, down to
 * `prefix_bits`, and no further beside the node's own id: so it knows its neighbours no better than everybody else, other than in
 * Kademlia. Who is there first stays; a contact that is gone makes room only when it is one of the three oldest of a full bucket and
 * somebody new is heard of.
 */
export class ContactTable {
  readonly #root = bucketAt(0);
  readonly #k: number;
  readonly #bits: number;
  size = 0;
  /** Contacts tried, new and old ones. */
  pings = 0;

  constructor({ k, prefix_bits }: { k: number; prefix_bits: number }) {
    this.#k = k;
    this.#bits = prefix_bits;
  }

  /** Somebody was heard of. @param idOf ids of nodes by their numbers; @param isThere whether a ping is answered */
  hear(node: number, idOf: ArrayLike<Key>, now_min: number, isThere: (node: number) => boolean): void {
    let bucket = this.#leafOf(idOf[node] as Key);
    if (bucket.nodes?.includes(node)) return;
    while ((bucket.nodes?.length ?? 0) >= this.#k && bucket.depth < this.#bits) {
      this.#cut(bucket, idOf);
      bucket = this.#leafOf(idOf[node] as Key);
    }
    const nodes = bucket.nodes as number[];
    if (nodes.length >= this.#k && !this.#makeRoom(bucket, now_min, isThere)) return;
    this.pings += 1;
    if (!isThere(node)) return;
    nodes.push(node);
    bucket.added_min.push(now_min);
    this.size += 1;
  }

  has(node: number, idOf: ArrayLike<Key>): boolean {
    return this.#leafOf(idOf[node] as Key).nodes?.includes(node) ?? false;
  }

  forget(node: number, idOf: ArrayLike<Key>): void {
    const { nodes, added_min } = this.#leafOf(idOf[node] as Key);
    const at = nodes?.indexOf(node) ?? -1;
    if (at < 0) return;
    nodes?.splice(at, 1);
    added_min.splice(at, 1);
    this.size -= 1;
  }

  /** The `count` contacts nearest to a key, the nearest first. */
  nearest(key: Key, count: number, idOf: ArrayLike<Key>): number[] {
    const found: number[] = [];
    collect(this.#root, key, count, found);
    const far = found.map((node) => distance(idOf[node] as Key, key));
    for (let n = 1; n < found.length; n += 1) {
      const [node, to] = [found[n] as number, far[n] as number];
      let at = n;
      for (; at > 0 && (far[at - 1] as number) > to; at -= 1) {
        found[at] = found[at - 1] as number;
        far[at] = far[at - 1] as number;
      }
      found[at] = node;
      far[at] = to;
    }
    if (found.length > count) found.length = count;
    return found;
  }

  contacts(): number[] {
    const all: number[] = [];
    collect(this.#root, 0, Number.POSITIVE_INFINITY, all);
    return all;
  }

  #leafOf(key: Key): Bucket {
    let bucket = this.#root;
    while (bucket.nodes === null)
      bucket = ((key >>> (31 - bucket.depth)) & 1 ? bucket.high : bucket.low) as Bucket;
    return bucket;
  }

  #cut(bucket: Bucket, idOf: ArrayLike<Key>): void {
    const { nodes, added_min, depth } = bucket;
    const [low, high] = [bucketAt(depth + 1), bucketAt(depth + 1)];
    for (const [n, node] of (nodes ?? []).entries()) {
      const half = ((idOf[node] as Key) >>> (31 - depth)) & 1 ? high : low;
      half.nodes?.push(node);
      half.added_min.push(added_min[n] as number);
    }
    Object.assign(bucket, { nodes: null, added_min: [], low, high });
  }

  #makeRoom(bucket: Bucket, now_min: number, isThere: (node: number) => boolean): boolean {
    const { nodes, added_min } = bucket;
    let isRoom = false;
    let tried = 0;
    for (let n = 0; n < added_min.length && tried < LIBRARY.contacts_retried; tried += 1) {
      if ((added_min[n] as number) > now_min - LIBRARY.retry_contact_min) break;
      this.pings += 1;
      if (isThere(nodes?.[n] as number)) {
        n += 1;
        continue;
      }
      nodes?.splice(n, 1);
      added_min.splice(n, 1);
      this.size -= 1;
      isRoom = true;
    }
    return isRoom;
  }
}

/** Contacts of whole buckets, the nearest bucket first, until there are enough. */
function collect(bucket: Bucket, key: Key, count: number, found: number[]): void {
  if (found.length >= count) return;
  if (bucket.nodes !== null) {
    for (const node of bucket.nodes) found.push(node);
    return;
  }
  const isHigh = (key >>> (31 - bucket.depth)) & 1;
  collect((isHigh ? bucket.high : bucket.low) as Bucket, key, count, found);
  collect((isHigh ? bucket.low : bucket.high) as Bucket, key, count, found);
}
