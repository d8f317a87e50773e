/** A fake clock: things happen in the order of their times, those of one time in the order they were planned. */
export interface Clock {
  /** Unix ms. */
  now_ms: number;
  /** Rounded up to whole ms. */
  at: (at_ms: number, happen: () => void) => void;
  /** Runs what is planned until nothing is, or until `stop` says so. */
  run: (stop: () => boolean) => void;
}

interface Planned {
  at_ms: number;
  order: number;
  happen: () => void;
}

export function createClock(start_ms: number): Clock {
  const heap: Planned[] = [];
  let planned = 0;
  const clock: Clock = {
    now_ms: start_ms,
    at(at_ms, happen) {
      push(heap, { at_ms: Math.max(Math.ceil(at_ms), clock.now_ms), order: planned++, happen });
    },
    run(stop) {
      while (!stop()) {
        const next = pop(heap);
        if (next === undefined) return;
        clock.now_ms = Math.max(clock.now_ms, next.at_ms);
        next.happen();
      }
    },
  };
  return clock;
}

const isBefore = (a: Planned, b: Planned): boolean =>
  a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.order < b.order);

/** A binary heap (Williams, CACM 7(6), 1964). */
function push(heap: Planned[], item: Planned): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Planned;
    if (!isBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Planned, heap[child] as Planned)) child += 1;
    if (!isBefore(heap[child] as Planned, last)) break;
    heap[at] = heap[child] as Planned;
    at = child;
  }
  heap[at] = last;
  return first;
}
