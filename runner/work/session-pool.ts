import type { Sha256 } from "@infernet/schemas/digest";
import type { ModelManifest } from "@infernet/schemas/model";
import type { GenerationSession, Session } from "../engine/engine.ts";
import { Semaphore } from "../semaphore.ts";
import { untilAborted } from "../until-aborted.ts";
import { EngineShares } from "./engine-shares.ts";
import { FairGate } from "./fair-gate.ts";
import { SharedPermit } from "./shared-permit.ts";

interface Loaded {
  manifest: ModelManifest;
  /** Closes the session and removes its files. */
  close(): Promise<void>;
}

/** A model that runs rows, or one that generates text. */
export type LoadedModel = Loaded & ({ session: Session } | { generator: GenerationSession });

export interface SessionPoolOptions {
  models_max: number;
  /** Shards in one session at once: the one that runs and those handed over ahead. One that generates says how many it takes. */
  shards_max: number;
  /**
   * Shards that all models together may have in their engines; without it each has its own `shards_max`. The completions of one
   * model count as one shard: its threads work on all of them together.
   */
  running_max?: number;
  /** How long a model that nobody uses stays loaded. */
  idle_ms_max: number;
  load(model: Sha256): Promise<LoadedModel>;
}

/** What a shard does with a model. It tells the engine's time where it knows better than the clock. */
export type UseOfModel<T> = (loaded: LoadedModel, note: (compute_ms: number) => void) => Promise<T>;

/** Models for those who work for one aggregator. */
export interface ModelUser {
  /** Runs `use` when the model is loaded and its engine has room; in order of arrival, but for what is urgent. */
  use<T>(model: Sha256, signal: AbortSignal, use: UseOfModel<T>, isUrgent?: boolean): Promise<T>;
}

/**
 * The models that are loaded: the one used longest ago makes room for the next, and one that is idle for long goes. Those who work for
 * several aggregators share the engines equally: see `FairShares`.
 */
export interface SessionPool extends ModelUser {
  /**
   * The same models for whoever has this name among those who share the engines.
   * @param fetch brings a model here before it is loaded
   */
  for(name: string, fetch: (model: Sha256) => Promise<void>): ModelUser & { leave(): void };
  close(): Promise<void>;
}

interface Place {
  loaded: Promise<LoadedModel>;
  /** There once it is loaded. */
  gate: Promise<FairGate>;
  /** Of all completions of a model that generates text. */
  shared: SharedPermit | null;
  users: number;
  /** Runs while there are no users. */
  idle: NodeJS.Timeout | undefined;
}

export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const { models_max, shards_max, running_max, idle_ms_max, load } = options;
  const running = running_max === undefined ? null : new Semaphore(running_max);
  const shares = new EngineShares();
  /** In the order of last use, oldest first. */
  const places = new Map<Sha256, Place>();
  let freed = Promise.withResolvers<void>();

  /** The caller's place, counted as in use from the moment it is chosen. */
  async function enter(model: Sha256, signal: AbortSignal): Promise<Place> {
    for (;;) {
      const place = places.get(model);
      if (place) {
        place.users += 1;
        clearTimeout(place.idle);
        places.delete(model);
        places.set(model, place);
        return place;
      }
      if (places.size < models_max) break;
      const idle = [...places].find(([, other]) => other.users === 0);
      if (idle) await remove(...idle);
      else await untilAborted(freed.promise, signal);
    }
    const loaded = load(model);
    const gate = loaded.then(
      (one) => new FairGate("generator" in one ? one.generator.at_once_max : shards_max, shares),
    );
    const place: Place = { loaded, gate, shared: null, users: 1, idle: undefined };
    gate.catch(() => undefined);
    places.set(model, place);
    // What does not load takes no place; those who wait for it are told.
    place.loaded.catch(() => {
      if (places.get(model) === place) places.delete(model);
    });
    return place;
  }

  function exit(model: Sha256, place: Place): void {
    place.users -= 1;
    // What did not load has no place any more. A model is no reason for the process to stay.
    if (place.users === 0 && places.get(model) === place)
      place.idle = setTimeout(() => void remove(model, place), idle_ms_max).unref();
    freed.resolve();
    freed = Promise.withResolvers();
  }

  function permitsOf(place: Place, loaded: LoadedModel): Pick<Semaphore, "acquire"> | null {
    if (running === null || !("generator" in loaded)) return running;
    place.shared ??= new SharedPermit(running);
    return place.shared;
  }

  async function remove(model: Sha256, place: Place): Promise<void> {
    clearTimeout(place.idle);
    if (places.get(model) === place) places.delete(model);
    await place.loaded.then((loaded) => loaded.close()).catch(() => undefined);
  }

  async function useAs<T>(
    name: string,
    model: Sha256,
    signal: AbortSignal,
    use: UseOfModel<T>,
    isUrgent: boolean,
  ): Promise<T> {
    const place = await enter(model, signal);
    try {
      const loaded = await untilAborted(place.loaded, signal);
      const turn = await (await place.gate).acquire(name, signal, isUrgent);
      try {
        const release = (await permitsOf(place, loaded)?.acquire(signal)) ?? null;
        turn.begin();
        try {
          return await use(loaded, turn.note);
        } finally {
          release?.();
        }
      } finally {
        turn.leave();
      }
    } finally {
      exit(model, place);
    }
  }

  return {
    use: (model, signal, use, isUrgent = false) => useAs(NOBODY, model, signal, use, isUrgent),
    for: (name, fetch) => ({
      use: async (model, signal, use, isUrgent = false) => {
        if (!places.has(model)) await untilAborted(fetch(model), signal);
        return useAs(name, model, signal, use, isUrgent);
      },
      leave: () => shares.forget(name),
    }),
    close: async () => {
      await Promise.all([...places].map((entry) => remove(...entry)));
    },
  };
}

/** Whoever works for one aggregator alone. */
const NOBODY = "";
