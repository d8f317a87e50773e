const BUFFER_BYTES = 64 * 1024 ** 2;
const MEASURED_MS = 300;

/** Bytes that one core reads and writes in a second, copying what no cache holds. */
export function measureMemoryBandwidth(now_ms: () => number = () => performance.now()): number {
  const from = Buffer.alloc(BUFFER_BYTES, 1);
  const to = Buffer.alloc(BUFFER_BYTES, 2);
  from.copy(to);
  const started_ms = now_ms();
  let copies = 0;
  let elapsed_ms = 0;
  do {
    from.copy(to);
    copies += 1;
    elapsed_ms = now_ms() - started_ms;
  } while (elapsed_ms < MEASURED_MS);
  return Math.round((2 * copies * BUFFER_BYTES * 1_000) / elapsed_ms);
}
