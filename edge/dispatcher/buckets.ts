import type { RunnerId } from "@infernet/schemas/ids";

type Bucket = ReturnType<Env["DISPATCHER"]["getByName"]>;

const bucketCount = (env: Env): number => Math.max(1, Number(env.DISPATCH_BUCKETS ?? 1) || 1);
const bucketName = (index: number): string => `bucket-${index}`;

/** Every dispatcher object: one for about a thousand runners. */
export function listBuckets(env: Env): Bucket[] {
  return Array.from({ length: bucketCount(env) }, (_, index) => env.DISPATCHER.getByName(bucketName(index)));
}

/** The dispatcher that a runner polls: always the same, chosen by its key. */
export function bucketOf(env: Env, runner: RunnerId): Bucket {
  let hash = 0;
  for (const character of runner) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return env.DISPATCHER.getByName(bucketName(hash % bucketCount(env)));
}

/** The items in random order (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
