import { LIMITS } from "@infernet/schemas/limits";
import type { BenchmarkBook } from "./bench/benchmark-book.ts";
import { measureSession } from "./bench/measure-session.ts";
import { type MachineLimits, runningMax } from "./config/limit-capability.ts";
import { rememberModel } from "./models/known-models.ts";
import type { ModelStore } from "./work/model-store.ts";
import type { Log } from "./work/runner-event.ts";
import { createSessionPool, type SessionPool } from "./work/session-pool.ts";

export interface PoolContext {
  home: string;
  limits: MachineLimits;
  book: BenchmarkBook;
  log: Log;
  stopping: AbortSignal;
}

/** Loads what the shards ask for, and says so; that all are unloaded at the end goes without saying. */
export function openPool(store: ModelStore, { home, limits, book, log, stopping }: PoolContext): SessionPool {
  const running_max = runningMax(limits);
  return createSessionPool({
    models_max: LIMITS.runner_models_loaded_max,
    shards_max: LIMITS.runner_shards_in_engine_max,
    idle_ms_max: LIMITS.runner_model_idle_ms_max,
    ...(running_max === undefined ? {} : { running_max }),
    load: async (model) => {
      const started = performance.now();
      const loaded = await store.load(model);
      const { execution_class } = "session" in loaded ? loaded.session : loaded.generator;
      log({ event: "model.loaded", model, execution_class, load_ms: performance.now() - started });
      const { manifest } = loaded;
      // Its owner may want to know what lies in the cache; nothing else depends on it.
      const remembered = rememberModel(home, { digest: model, names: [], manifest }).catch(() => undefined);
      const close = (): Promise<void> =>
        loaded.close().finally(async () => {
          if (!stopping.aborted) log({ event: "model.unloaded", model });
          await remembered;
        });
      if (!("session" in loaded)) return { manifest, generator: loaded.generator, close };
      const session = measureSession(loaded.session, (rows, compute_ms) =>
        book.note(model, execution_class, rows, compute_ms),
      );
      return { manifest, session, close };
    },
  });
}
