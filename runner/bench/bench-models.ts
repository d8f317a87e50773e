import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type AnyEngine, isGenerationEngine, type Session } from "../engine/engine.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import type { KnownModel } from "../models/known-models.ts";
import { RunnerError } from "../runner-error.ts";
import { layOut } from "../work/lay-out.ts";
import { pickEngine } from "../work/pick-engine.ts";
import type { BenchmarkBook } from "./benchmark-book.ts";
import { timeModel } from "./time-model.ts";

/** A model that was not measured, and why. */
export interface SkippedModel {
  model: KnownModel["digest"];
  names: string[];
  reason: string;
}

/** Measures each model that is whole in the cache, one after the other, and notes it in the book. */
export async function benchModels(
  models: readonly KnownModel[],
  options: {
    home: string;
    engines: readonly AnyEngine[];
    book: BenchmarkBook;
    signal: AbortSignal;
    onModel(model: KnownModel): void;
  },
): Promise<SkippedModel[]> {
  const skipped: SkippedModel[] = [];
  // A folder of this process alone: the runner's own is the runner's.
  const dir = join(options.home, `bench-${process.pid}`);
  try {
    for (const model of models) {
      options.onModel(model);
      const reason = await benchOne(model, dir, options);
      if (reason !== null) skipped.push({ model: model.digest, names: [...model.names], reason });
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return skipped;
}

async function benchOne(
  { digest, manifest }: KnownModel,
  dir: string,
  { home, engines, book, signal }: Parameters<typeof benchModels>[1],
): Promise<string | null> {
  let session: Session | null = null;
  try {
    const engine = pickEngine(engines, manifest);
    if (isGenerationEngine(engine)) return "it generates text, which is measured in tokens";
    for (const { path, sha256 } of manifest.files)
      await layOut(join(home, "cache", sha256), join(dir, digest, path));
    session = await engine.load(manifest, join(dir, digest));
    const { rows, compute_ms } = await timeModel(manifest, session, signal);
    book.note(digest, session.execution_class, rows, compute_ms);
    return null;
  } catch (error) {
    return explain(error);
  } finally {
    await session?.close();
  }
}

function explain(error: unknown): string {
  if (error instanceof RunnerError || error instanceof EngineFailure) return error.message;
  if (error instanceof Error && "code" in error && error.code === "ENOENT")
    return "not all of its files are here";
  throw error;
}
