/** Mean time of a call in one batch: calls shorter than the clock's resolution are timed together. */
const CALLS_PER_BATCH = 50;
const BATCHES_WARM = 40;
const BATCHES = 200;

/** Microseconds that a call takes, once for each of 200 batches of 50; what came before them is not counted. */
export async function timeCalls(call: () => unknown): Promise<number[]> {
  const sample: number[] = [];
  for (let batch = 0; batch < BATCHES_WARM + BATCHES; batch += 1) {
    const started = performance.now();
    for (let n = 0; n < CALLS_PER_BATCH; n += 1) await call();
    if (batch >= BATCHES_WARM) sample.push(((performance.now() - started) * 1_000) / CALLS_PER_BATCH);
  }
  return sample;
}
