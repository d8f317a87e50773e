import { LIMITS } from "@infernet/schemas/limits";
import type { ComputedShard, Glyphs } from "./open-glyphs.ts";

const ROUNDS = 25;
const SHARDS_PER_ROUND = 60;

/**
 * Time that the same shards take with commitments as a multiple of that without, once for each of 25 rounds. The engine
 * has the next shards in hand, as in a runner, so it goes on while a commitment is made.
 */
export async function measureSlowdown({ compute, commit }: Glyphs): Promise<number[]> {
  const slowdowns: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // By turns first and second, so that neither has the better place.
    const isFirst = round % 2 === 0;
    const first = await timeRound(compute, isFirst ? commit : nothing);
    const second = await timeRound(compute, isFirst ? nothing : commit);
    slowdowns.push(isFirst ? first / second : second / first);
  }
  return slowdowns;
}

const nothing = (): void => undefined;

/** @returns milliseconds */
async function timeRound(
  compute: Glyphs["compute"],
  finish: (computed: ComputedShard) => unknown,
): Promise<number> {
  const started = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < SHARDS_PER_ROUND) finish(await compute(next++));
  };
  await Promise.all(Array.from({ length: LIMITS.runner_shards_in_engine_max }, work));
  return performance.now() - started;
}
