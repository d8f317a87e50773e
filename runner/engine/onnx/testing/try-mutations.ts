import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "@infernet/schemas/digest";
import type { Engine } from "../../engine.ts";
import { EngineFailure } from "../../engine-failure.ts";
import { mutateModel } from "./mutate-model.ts";
import type { Victim } from "./victims.ts";

const RUN_MS_MAX = 10_000;

export interface Mutations {
  engine: Engine;
  dir: string;
  models: number;
  /** Children at once. */
  at_once: number;
  random: () => number;
  /** Damaged by turns. */
  victims: readonly [Victim, ...Victim[]];
}

/** How many models ended how: by the code of the failure, or `computed`. */
export type Tally = Record<string, number>;

/**
 * Loads and runs damaged models. Whatever becomes of one, the engine answers with a result or an `EngineFailure`; anything
 * else rejects.
 */
export async function tryMutations({
  engine,
  dir,
  models,
  at_once,
  random,
  victims,
}: Mutations): Promise<Tally> {
  const tally: Tally = {};
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < models) {
      const number = begun++;
      const victim = victims[number % victims.length] ?? victims[0];
      const outcome = await tryModel(
        engine,
        victim,
        mutateModel(victim.bytes, random),
        join(dir, `damaged-${number}`),
      );
      tally[outcome] = (tally[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: at_once }, work));
  return tally;
}

/** What becomes of a victim with these bytes: `computed`, or the code of its failure. */
export async function tryModel(
  engine: Engine,
  { manifest, inputs, rows }: Victim,
  bytes: Bytes,
  dir: string,
): Promise<string> {
  await mkdir(dir, { recursive: true });
  try {
    await writeFile(join(dir, manifest.entry), bytes);
    const session = await engine.load(manifest, dir);
    const { signal } = new AbortController();
    await session.run(inputs, rows, { timeout_ms: RUN_MS_MAX, signal }).finally(() => session.close());
    return "computed";
  } catch (error) {
    if (error instanceof EngineFailure) return error.code;
    throw error;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
