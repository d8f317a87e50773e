import { join, resolve } from "node:path";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { MicroAmount } from "@infernet/schemas/money";
import type { PeerRecordText } from "@infernet/schemas/peer/peer-record-text";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { BenchmarkBook } from "./bench/benchmark-book.ts";
import { BlobUnusable, openBlobCache } from "./cache/blob-cache.ts";
import { limitCapability, type MachineLimits } from "./config/limit-capability.ts";
import type { PeersReport } from "./control/peers-report.ts";
import type { AnyEngine } from "./engine/engine.ts";
import type { MissingEngine } from "./engine/open-engines.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { describeCapability } from "./hardware/capability.ts";
import { measureInBackground } from "./hardware/measure-in-background.ts";
import { lockHome } from "./identity/home-lock.ts";
import { type Identity, loadIdentity } from "./identity/identity.ts";
import { openPool } from "./open-pool.ts";
import type { DirectSettings } from "./p2p/jobs/direct-settings.ts";
import { keepPeers } from "./p2p/join/keep-peers.ts";
import type { PeerSettings } from "./p2p/join/peer-settings.ts";
import manifest from "./package.json" with { type: "json" };
import { loadSealingKey } from "./sealing/sealing-key.ts";
import { createUnseal } from "./sealing/unseal.ts";
import { connectEdge } from "./transport/connect-edge.ts";
import type { EdgeClient } from "./transport/edge-client.ts";
import { EdgeRefusal } from "./transport/edge-error.ts";
import type { HttpEdgeOptions } from "./transport/http-edge-client.ts";
import { connectNoEdge } from "./transport/no-edge.ts";
import { TokenBucket } from "./transport/token-bucket.ts";
import { watchGaps } from "./work/gap-watch.ts";
import { openModelStore } from "./work/model-store.ts";
import { openWork, type WorkMachine } from "./work/open-work.ts";
import { createPauseSwitch, type PauseSwitch } from "./work/pause-switch.ts";
import type { Log } from "./work/runner-event.ts";
import { SignedLeases } from "./work/signed-leases.ts";
import { watchOffers } from "./work/watch-offers.ts";
import type { WorkLoop } from "./work/work-loop.ts";
import { WorkLoops } from "./work/work-loops.ts";

export const RUNNER_VERSION = manifest.version;

export interface RunnerOptions {
  /** Base address of the edge; none: it works for peers' aggregators alone. */
  edge?: string;
  /** Folder of the identity, the cache and the lock; made when missing. */
  home: string;
  /** What runs models, in the order of preference. */
  engines: readonly AnyEngine[];
  /** Engines that do not work on this machine, and why: for its owner alone. */
  missing?: readonly MissingEngine[];
  log: Log;
  name?: string;
  /** Who runs it and where its earnings go: runners that share one of these never check each other. */
  owner?: string;
  payout?: string;
  /** The least that an hour of one core must pay, in micro-units; jobs that pay less are not offered. */
  asking?: MicroAmount;
  /** Whether it offers to decide disagreements, and nothing else. */
  referee?: boolean;
  cache_bytes_max?: number;
  /** What its owner gives of the machine; all of it where nothing is said. */
  limits?: MachineLimits;
  /** Told of every exchange with the edge. */
  onExchange?: HttpEdgeOptions["onExchange"];
  /** Where its metrics are served, to be told at the start. */
  metrics?: string | null;
  /** How it takes part in the network of peers; not at all where nothing is said. */
  peers?: PeerSettings;
  /** What it takes for direct jobs of peers; none where nothing is said. */
  direct?: DirectSettings;
  drain_ms_max?: number;
  /** Shorter in tests: see `watchGaps`. */
  gap_ms_min?: number;
  /** Instead of HTTP to `edge`. */
  connect?(identity: Identity): EdgeClient;
}

export interface Runner extends PauseSwitch {
  readonly id: RunnerId;
  /**
   * Works until drained or killed, then frees the home. Rejects with `RunnerError` when the edge refuses the runner, or
   * bans it.
   */
  run(): Promise<void>;
  /** Of all that it keeps in its cache. */
  readonly cache_bytes: number;
  readonly client: EdgeClient;
  /** Where it stands with peers. */
  peers(): PeersReport;
  /** Takes no more work, finishes or hands back what it has, and ends. */
  drain(): void;
  /** Ends at once and leaves its leases to expire. */
  kill(): void;
}

/** A runner on this machine, at home in one folder. Throws `RunnerError` when the folder is not usable or in use. */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  const { edge, engines, log, limits = {} } = options;
  const home = resolve(options.home);
  const lock = await lockHome(home);
  const stopping = new AbortController();
  try {
    const identity = await loadIdentity(home);
    const sealing = await loadSealingKey(home, identity);
    const rate = limits.upload_bytes_per_second;
    const uploads = rate === undefined ? null : new TokenBucket(rate);
    const client =
      edge === undefined ? connectNoEdge(identity) : connectEdge({ ...options, edge, uploads }, identity);
    const cache = await openBlobCache({
      dir: join(home, "cache"),
      bytes_max: options.cache_bytes_max ?? LIMITS.runner_cache_bytes_default,
      download: (sha256, signal, start) => client.getBlob(sha256, signal, start),
      onFetched: (sha256, fetched) => log({ event: "blob.fetched", sha256, ...fetched }),
      // A refusal has been retried by the client; a connection that broke half-way has not.
      isPassing: (error) => !(error instanceof EdgeRefusal || error instanceof BlobUnusable),
    });
    const { signal } = stopping;
    const store = await openModelStore({ dir: join(home, "models"), engines, signal });
    const book = await BenchmarkBook.open(home);
    const pool = openPool(store, { home, limits, book, log, stopping: signal });
    let peer_record: PeerRecordText | null = null;
    const register = async (): Promise<RunnerRegistration> => ({
      ...(await registrationOf(options, home)),
      sealing_key: sealing.registered,
      ...(peer_record === null ? {} : { peer_record }),
    });
    const registration = await register();
    const { capability, referee } = registration;
    const loops = new WorkLoops(registration);
    const machine: WorkMachine = {
      ...{ identity, store, pool, loops },
      unseal: createUnseal(identity.id, sealing.opening),
      drain_ms_max: options.drain_ms_max ?? LIMITS.runner_drain_ms_max,
    };
    const servesPeers = (options.peers?.aggregators.allowed.length ?? 0) > 0;
    let measuring: Promise<void> | null = null;
    const onRegistered = (): void => {
      measuring ??= measureInBackground({ client, home, edge: edge ?? "", log, signal });
      peers.edgeAnswers();
    };
    const place = { name: "edge", client, cache, signed: new SignedLeases(home), log, signal };
    const work = edge === undefined ? null : openWork(machine, { ...place, onRegistered });
    const models = work?.models ?? store.from(place);
    const peers = keepPeers(options.peers ?? null, {
      ...{ identity, home, edge: edge ?? null, client, cache, log, machine, store: models },
      pool: pool.for("direct jobs", models.fetch),
      unseal: machine.unseal,
      direct: options.direct ?? null,
      sharing: { isOn: options.peers?.isSharing ?? false, pace: uploads },
      asking: options.asking ?? null,
      registration: () => loops.registration,
      availability: () => loops.availability,
      tellEdge: async (record) => {
        if (work !== null) await work.loop.renew({ ...work.loop.registration, peer_record: record });
        peer_record = record;
      },
    });

    const onGap = (gap_ms: number): void => {
      log({ event: "woke", gap_ms });
      loops.recover();
    };
    /** Where it works for others besides, an edge that does not take it any more is not the end. */
    const workForEdge = async (loop: WorkLoop): Promise<void> => {
      try {
        await loops.run(loop);
      } catch (error) {
        if (!(error instanceof EdgeRefusal)) throw error;
        const refusal = await explainRefusal(client, edge ?? "", error, signal);
        if (!servesPeers) throw refusal;
        log({ event: "warning", detail: `it goes on for peers' aggregators alone: ${refusal.message}` });
        await loops.drained();
      }
    };
    const run = async (): Promise<void> => {
      const { missing = [], metrics = null } = options;
      log({
        event: "started",
        id: identity.id,
        version: RUNNER_VERSION,
        edge: edge ?? null,
        home,
        capability,
        missing,
        referee,
        metrics,
      });
      const unwatch = watchOffers(engines, async () => {
        const changed = await register();
        log({ event: "offers.changed", capability: changed.capability });
        await loops.offer(changed);
      });
      peers.start();
      watchGaps({ onGap, signal: stopping.signal, gap_ms_min: options.gap_ms_min });
      try {
        await (work === null ? loops.drained() : workForEdge(work.loop));
        await loops.ended();
        if (work === null) log({ event: "stopped", ...loops.tally });
      } finally {
        unwatch();
        loops.kill();
        stopping.abort(new Error("the runner has stopped"));
        await measuring;
        await peers.stop();
        await pool.close();
        await book.close();
        await lock.release();
      }
    };
    return {
      id: identity.id,
      client,
      peers: () => peers.read(),
      get cache_bytes() {
        return cache.bytes;
      },
      run,
      ...createPauseSwitch(loops, log),
      drain: () => {
        if (work === null && !loops.isDraining)
          log({ event: "draining", leases: loops.leases, grace_ms: machine.drain_ms_max });
        peers.drain();
        loops.drain();
      },
      kill: () => loops.kill(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function registrationOf(options: RunnerOptions, home: string): Promise<RunnerRegistration> {
  const { edge, engines, asking, limits = {}, name, owner, payout, referee = false } = options;
  return {
    version: RUNNER_VERSION,
    capability: limitCapability(
      await describeCapability(engines, { home, edge: edge ?? "", asking }),
      limits,
    ),
    referee,
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(payout === undefined ? {} : { payout }),
  };
}
