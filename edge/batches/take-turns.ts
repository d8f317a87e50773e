/** Work that is done in one go, in what `weigh` counts. */
const WEIGHT_MAX = 64 * 1024;

/**
 * Passes items on and lets whatever else waits in this process have its turn after each so many of them: what is read from a disk
 * is there at once, and an object that went through a large file in one go would keep all others from answering.
 *
 * @param weigh what working on an item takes, in bytes of text
 */
export async function* takeTurns<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  weigh: (item: Item) => number,
): AsyncGenerator<Item> {
  let weight = 0;
  for await (const item of items) {
    yield item;
    weight += weigh(item);
    if (weight < WEIGHT_MAX) continue;
    weight = 0;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
