import type { BlobCache } from "../cache/blob-cache.ts";
import type { Identity } from "../identity/identity.ts";
import type { Unseal } from "../sealing/unseal.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import type { ModelStore, SourcedModels } from "./model-store.ts";
import type { Log } from "./runner-event.ts";
import type { SessionPool } from "./session-pool.ts";
import type { SignedLeases } from "./signed-leases.ts";
import { WorkLoop } from "./work-loop.ts";
import type { WorkLoops } from "./work-loops.ts";

/** What one machine has, whomever it works for. */
export interface WorkMachine {
  identity: Identity;
  store: ModelStore;
  pool: SessionPool;
  unseal: Unseal;
  loops: WorkLoops;
  drain_ms_max: number;
}

/** What belongs to one aggregator. */
export interface WorkPlace {
  /** Its name among those that share the machine. */
  name: string;
  client: EdgeClient;
  /** Whose blobs come from it where they are not here. */
  cache: BlobCache;
  signed: SignedLeases;
  log: Log;
  /** Ends what is being fetched from it. */
  signal: AbortSignal;
  onRegistered?(): void;
}

export interface Work {
  /** To be run by the machine's `loops`. */
  loop: WorkLoop;
  /** Its models, for other work that they serve. */
  models: SourcedModels;
  /** To be called when its loop has ended. */
  leave(): void;
}

/** A place to work for one aggregator on this machine. */
export function openWork(machine: WorkMachine, place: WorkPlace): Work {
  const { identity, store, pool, unseal, loops, drain_ms_max } = machine;
  const { name, client, cache, signed, log, signal, onRegistered } = place;
  const models = store.from({ client, cache, signal });
  const user = pool.for(name, models.fetch);
  const loop: WorkLoop = new WorkLoop({
    ...{ identity, client, cache, unseal, signed, log, drain_ms_max },
    pool: user,
    registration: loops.registration,
    sharing: () => loops.sharing(loop),
    ...(onRegistered === undefined ? {} : { onRegistered }),
  });
  return { loop, models, leave: user.leave };
}
