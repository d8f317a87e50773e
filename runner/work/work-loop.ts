import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkId } from "@infernet/schemas/commitment";
import { LIMITS } from "@infernet/schemas/limits";
import type { Availability } from "@infernet/schemas/peer/peer-record";
import {
  type Lease,
  type RunnerRegistration,
  type RunnerWelcome,
  rowsIn,
  type ShardResult,
  type SubmissionReceipt,
} from "@infernet/schemas/runner";
import type { BlobCache } from "../cache/blob-cache.ts";
import type { Identity } from "../identity/identity.ts";
import type { Unseal } from "../sealing/unseal.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { EdgeRefusal } from "../transport/edge-error.ts";
import { LeaseStreams } from "../transport/lease-streams.ts";
import { type Committer, commitShard } from "./commit-shard.ts";
import { EdgeClock } from "./edge-clock.ts";
import { type HeldLease, HeldLeases } from "./held-leases.ts";
import { LeaseEnded } from "./lease-ended.ts";
import { createLeaseHeartbeat, type LeaseHeartbeat } from "./lease-heartbeat.ts";
import { decideLeasesWanted } from "./leases-wanted.ts";
import { createOutbox, type Outbox, type OutboxOptions } from "./outbox.ts";
import type { Log } from "./runner-event.ts";
import type { ModelUser } from "./session-pool.ts";
import { renderFailure } from "./shard-failure.ts";
import { type ComputedShard, computeShard, type ShardWorkOptions } from "./shard-work.ts";
import { createBlockSigner } from "./sign-blocks.ts";
import type { SignedLeases } from "./signed-leases.ts";
import { within } from "./within.ts";

export interface WorkLoopOptions {
  identity: Identity;
  client: EdgeClient;
  cache: BlobCache;
  pool: ModelUser;
  unseal: Unseal;
  signed: SignedLeases;
  registration: RunnerRegistration;
  log: Log;
  drain_ms_max: number;
  /** Told whenever the edge has taken the runner in. */
  onRegistered?(): void;
  /** Aggregators that this machine has work of, this one counted always; one where nothing is said. */
  sharing?(): number;
}

/** What came of the work. */
export interface WorkTally {
  shards_done: number;
  shards_failed: number;
  rows_done: number;
  /** Results on which the edge has said nothing. */
  unsent: number;
}

/** Why a poll is broken off: nothing may come on its connection any more. */
class StoodStill extends Error {}

/** An outbox that knows of no work waits for nothing. */
const NO_JOBS: ReadonlySet<Lease["job_id"]> = new Set();

/** Weight of the newest shard in the mean time of a shard. */
const MEAN_WEIGHT = 0.3;

/**
 * The life of a runner at one edge: registers, polls for leases, keeps them alive, computes their shards and submits
 * the results, until it is drained. No lease ends in silence: each is submitted, handed back, or taken by the edge.
 */
export class WorkLoop {
  readonly #options: WorkLoopOptions;
  readonly #outbox: Outbox;
  /** Of answers whose tokens were streamed: somebody has read them, and waits for the end alone. */
  readonly #urgent: Outbox;
  readonly #streams: LeaseStreams;
  readonly #heartbeat: LeaseHeartbeat;
  readonly #held = new HeldLeases();
  /** Ends the asking for work. */
  readonly #draining = new AbortController();
  /** Ends everything. */
  readonly #stopping = new AbortController();
  /** The refusal that ended the work for good. */
  #ban: EdgeRefusal | null = null;
  #network: NetworkId | null = null;
  readonly #clock: EdgeClock;
  /** Ends the one poll that is out; set while there is one. */
  #polling: AbortController | null = null;
  /** Set while its owner wants the machine for something else. */
  #isPaused = false;
  #shard_ms_mean: number | null = null;
  #registration: RunnerRegistration;
  /** Of the model that generated text last. */
  #at_once_max: number | null = null;
  #poll_wait_ms: number = LIMITS.poll_wait_ms_max;
  #counts = { shards_done: 0, shards_failed: 0, rows_done: 0 };

  constructor(options: WorkLoopOptions) {
    this.#options = options;
    const { client, log } = options;
    const { signal } = this.#stopping;
    this.#registration = options.registration;
    this.#clock = new EdgeClock((skew_ms, isSkewed) =>
      log(isSkewed ? { event: "clock.skewed", skew_ms } : { event: "clock.right", skew_ms }),
    );
    const submitWithin = (timeout_ms?: number): Pick<OutboxOptions, "submit" | "onReceipts"> => ({
      submit: (submission) => this.#registered(() => client.submit(submission, signal, timeout_ms), signal),
      onReceipts: (receipts) => this.#settle(receipts),
    });
    this.#outbox = createOutbox({
      ...submitWithin(),
      situation: () => ({
        jobs_at_work: new Set(this.#held.atWork.map(({ lease }) => lease.job_id)),
        isDraining: this.#draining.signal.aborted,
      }),
    });
    this.#urgent = createOutbox({
      // A connection that is dead without a word is found out sooner, as somebody waits.
      ...submitWithin(LIMITS.stream_silence_ms_max),
      situation: () => ({ jobs_at_work: NO_JOBS, isDraining: false }),
    });
    this.#streams = new LeaseStreams(client, {
      onBlocked: () => log({ event: "streams.posting" }),
      onSilent: () => this.recover(),
    });
    this.#heartbeat = createLeaseHeartbeat({
      send: (heartbeat) => this.#registered(() => client.heartbeat(heartbeat, signal), signal),
      leases: () => this.#held.leases,
      onRenewed: (id, expires_ms) => {
        const held = this.#held.get(id);
        if (held) held.expires_ms = expires_ms;
      },
      onLost: (id) => this.#lose(id),
      signal,
    });
  }

  /** Resolves when the runner has been drained or killed. Rejects when the edge refuses to register it, or bans it. */
  async run(): Promise<void> {
    // A runner that is paused waits for nothing that would keep its process.
    const alive = setInterval(() => undefined, LIMITS.runner_gap_ms_min);
    try {
      while (this.#offersNothing && !this.#draining.signal.aborted) await this.#held.changed();
      await this.#register(this.#draining.signal);
      while (!this.#draining.signal.aborted) await this.#fetchLeases();
    } catch (error) {
      if (!this.#draining.signal.aborted) throw error;
    } finally {
      clearInterval(alive);
    }
    // Nothing that a banned runner holds is wanted any more, and nothing that it sends is taken.
    if (this.#ban === null) await this.#finish();
    this.#streams.close();
    if (this.#ban !== null) throw this.#ban;
  }

  /** Asks for no more work until `resume`; what is in hand is finished. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    // The edge ends the parked poll then. Breaking it off here could lose leases that are on their way.
    if (this.#polling) void this.#options.client.leave(this.#stopping.signal).catch(() => undefined);
  }

  resume(): void {
    this.#isPaused = false;
    this.#held.wake();
  }

  /** To be called when this process has stood still: whatever it waits for may never come. */
  recover(): void {
    this.#heartbeat.beatNow();
    this.#streams.reconnect();
    this.#polling?.abort(new StoodStill());
  }

  /** To be called when what the runner offers has become another: the edge is told, and what is in hand goes on. */
  async offer(registration: RunnerRegistration): Promise<void> {
    this.#registration = registration;
    this.#held.wake();
    if (this.#network === null) return;
    const { signal } = this.#draining;
    const told = this.#offersNothing ? this.#options.client.leave(signal) : this.#register(signal);
    await told.catch(() => undefined);
  }

  /** The same for what nobody here need hear of. Rejects when the edge does not take it. */
  async renew(registration: RunnerRegistration): Promise<void> {
    if (this.#network !== null && !this.#offersNothing)
      await this.#options.client.register(registration, this.#draining.signal);
    this.#registration = registration;
  }

  /** As the edge was told last. */
  get registration(): RunnerRegistration {
    return this.#registration;
  }

  /** Whether it would take more work now. */
  get availability(): Availability {
    if (this.#isPaused || this.#draining.signal.aborted || this.#offersNothing) return "paused";
    return this.#leasesWanted() > 0 ? "open" : "busy";
  }

  /** Leases that are held. */
  get leases(): number {
    return this.#held.size;
  }

  get tally(): WorkTally {
    return { ...this.#counts, unsent: this.#unsent };
  }

  get hasWork(): boolean {
    return this.#held.atWork.length > 0;
  }

  /** As while the only server here is down: the edge would not take such a registration. */
  get #offersNothing(): boolean {
    return this.#registration.capability.engines.length === 0;
  }

  /** Takes no more work; what the engine holds is finished within the grace, the rest is handed back. */
  drain(): void {
    if (this.#draining.signal.aborted) return;
    this.#options.log({ event: "draining", leases: this.#held.size, grace_ms: this.#options.drain_ms_max });
    this.#stopAsking(new LeaseEnded("handed_back"));
    this.#outbox.review();
    this.#held.wake();
  }

  /** Drops everything at once; the edge will find the leases expired. */
  kill(): void {
    this.#stopAsking(new LeaseEnded("killed"));
    this.#stopping.abort(new LeaseEnded("killed"));
    this.#held.end("killed");
    this.#streams.close();
  }

  #stopAsking(reason: Error): void {
    this.#draining.abort(reason);
    this.#polling?.abort(reason);
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const welcome: RunnerWelcome = await client.register(this.#registration, signal);
    this.#network = welcome.network;
    this.#poll_wait_ms = Math.min(welcome.poll_wait_ms, LIMITS.poll_wait_ms_max);
    this.#clock.learn(welcome.now_ms);
    const { network, warnings } = welcome;
    log({ event: "registered", network, poll_wait_ms: this.#poll_wait_ms, warnings });
    this.#options.onRegistered?.();
  }

  /**
   * Repeats a call that the edge refused because it does not know this runner any more, once it does again. A call that
   * was refused because the runner is banned is its last.
   */
  async #registered<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call().catch(async (error: unknown) => {
        if (!(error instanceof EdgeRefusal && error.code === "runner_unregistered")) throw error;
        await this.#register(signal);
        return call();
      });
    } catch (error) {
      if (error instanceof EdgeRefusal && error.code === "provider_banned") {
        this.#ban ??= error;
        this.#stopAsking(error);
        this.#held.wake();
      }
      throw error;
    }
  }

  /** In whose name results are signed. */
  #committer(): Committer {
    if (this.#network === null) throw new Error("no lease comes before the registration");
    return { network: this.#network, identity: this.#options.identity };
  }

  #leasesWanted(): number {
    const { atWork } = this.#held;
    return decideLeasesWanted({
      working: atWork.filter(({ lease }) => lease.generation === undefined).length,
      held: this.#held.size,
      shard_ms_mean: this.#shard_ms_mean,
      completing: atWork.reduce((sum, { completions_left }) => sum + completions_left, 0),
      at_once_max: this.#at_once_max,
      sharing: this.#options.sharing?.() ?? 1,
    });
  }

  async #fetchLeases(): Promise<void> {
    const leases_max = this.#leasesWanted();
    if (this.#isPaused || this.#offersNothing || leases_max === 0) {
      await this.#held.changed();
      return;
    }
    const polling = new AbortController();
    this.#polling = polling;
    try {
      const leases = await this.#poll(leases_max, polling.signal);
      this.#take(leases);
    } catch (error) {
      if (this.#draining.signal.aborted) throw error;
      if (polling.signal.reason instanceof StoodStill) await this.#register(this.#draining.signal);
      else if (error instanceof EdgeRefusal) await this.#sitOut(error);
      else throw error;
    } finally {
      this.#polling = null;
    }
  }

  async #poll(leases_max: number, signal: AbortSignal): Promise<Lease[]> {
    const request = { leases_max, wait_ms: this.#poll_wait_ms };
    const { client } = this.#options;
    const { leases, now_ms } = await this.#registered(() => client.poll(request, signal), signal);
    this.#clock.learn(now_ms);
    return leases;
  }

  /** Waits where waiting may help. A refused signature may be the clock's fault: then that is said too. */
  async #sitOut({ status, code, message: detail }: EdgeRefusal): Promise<void> {
    const { client, log } = this.#options;
    const { signal } = this.#draining;
    log({ event: "edge.refused", status, code, detail });
    if (code === "signature_invalid") {
      const now_ms = await client.getTime(signal).catch(() => null);
      if (now_ms !== null) this.#clock.learn(now_ms);
    }
    await sleep(LIMITS.runner_retry_ms_max, undefined, { signal });
  }

  #take(leases: Lease[]): void {
    const { signed } = this.#options;
    const fresh = leases.filter(({ id }) => !this.#held.get(id) && !signed.has(id));
    if (fresh.length === 0) return;
    this.#options.log({ event: "leased", leases: fresh.map(describe) });
    for (const lease of fresh) {
      const held = this.#held.add(lease);
      void this.#work(held);
      if (this.#draining.signal.aborted) held.control.abort(new LeaseEnded("handed_back"));
    }
    this.#heartbeat.start();
  }

  async #work(held: HeldLease): Promise<void> {
    const { lease } = held;
    const { generation } = lease;
    if (generation?.stream) {
      const start = generation.given?.[0]?.positions ?? 0;
      held.stream = this.#streams.open(lease, start, () => this.#lose(lease.id));
    }
    try {
      this.#finished(held, await this.#compute(held));
    } catch (error) {
      if (error instanceof LeaseEnded) return this.#leave(held, error);
      const failure = renderFailure(error, lease.sealing !== undefined);
      this.#counts.shards_failed += 1;
      this.#options.log({ event: "shard.failed", ...describe(lease), ...failure });
      this.#submit(held, { ...ofLease(lease), outcome: "failed", ...failure });
    }
  }

  #compute(held: HeldLease): Promise<ComputedShard> {
    const { signed, log } = this.#options;
    const { lease, control, stream } = held;
    let isClaimed = false;
    const claim = (): void => {
      if (!isClaimed) signed.claim(lease.id);
      isClaimed = true;
    };
    const options: ShardWorkOptions = {
      ...this.#options,
      stream,
      edgeNow: () => this.#clock.now(),
      commit: (...shard) => {
        claim();
        return commitShard(this.#committer(), ...shard);
      },
      signBlocks: (execution_class) => {
        const sign = createBlockSigner(this.#committer(), lease, execution_class);
        return (block) => {
          claim();
          return sign(block);
        };
      },
      onRunning: (at_once_max) => {
        this.#at_once_max = at_once_max ?? this.#at_once_max;
        if (held.stage === "preparing") held.running_ms = performance.now();
        held.stage = "running";
      },
      onRow: () => {
        held.completions_left -= 1;
        this.#held.wake();
      },
      onNote: (detail) => log({ event: "warning", detail }),
    };
    return computeShard(options, lease, control.signal);
  }

  #finished(held: HeldLease, { done, tokens }: ComputedShard): void {
    const { lease } = held;
    const { compute_ms, execution_class } = done;
    const now_ms = performance.now();
    const total_ms = now_ms - held.taken_ms;
    this.#counts.shards_done += 1;
    this.#counts.rows_done += rowsIn(lease.rows);
    const told = { ...describe(lease), execution_class, compute_ms, total_ms };
    if (tokens === null) {
      const mean = this.#shard_ms_mean ?? compute_ms;
      this.#shard_ms_mean = mean + MEAN_WEIGHT * (compute_ms - mean);
      this.#options.log({ event: "shard.done", ...told });
    } else {
      const tokens_per_s = (tokens.made_tokens * 1_000) / Math.max(1, now_ms - held.running_ms);
      this.#options.log({ event: "shard.done", ...told, tokens: { ...tokens, tokens_per_s } });
    }
    this.#submit(held, done);
  }

  #leave(held: HeldLease, { how }: LeaseEnded): void {
    const { lease } = held;
    switch (how) {
      case "lost":
        this.#options.log({ event: "shard.lost", ...describe(lease) });
        return;
      case "handed_back":
        this.#options.log({ event: "shard.handed_back", ...describe(lease) });
        this.#submit(held, { ...ofLease(lease), outcome: "handed_back" });
        return;
      case "killed":
        this.#held.delete(lease.id);
        return;
      default:
        how satisfies never;
    }
  }

  #submit(held: HeldLease, result: ShardResult): void {
    held.stage = "finished";
    const outbox = held.stream === null ? this.#outbox : this.#urgent;
    outbox.add(result, held.expires_ms - this.#clock.now());
    this.#held.wake();
  }

  #settle(receipts: SubmissionReceipt[]): void {
    this.#options.log({ event: "submitted", receipts });
    for (const { lease_id } of receipts) this.#held.delete(lease_id);
    this.#held.wake();
  }

  /** A finished shard is still submitted: the edge may yet take it, and in any case says so. */
  #lose(id: Lease["id"]): void {
    const held = this.#held.get(id);
    if (!held || held.stage === "finished") return;
    this.#held.delete(id);
    held.control.abort(new LeaseEnded("lost"));
    this.#outbox.review();
    this.#held.wake();
  }

  /** What is in the engine within the grace, then what is to be sent within a shorter one. */
  async #finish(): Promise<void> {
    // First of all, or what is handed back would be leased to this runner's own poll, which the edge still holds.
    await this.#options.client.leave(this.#stopping.signal).catch(() => undefined);
    this.#held.end("handed_back", "preparing");
    await within(
      this.#options.drain_ms_max,
      this.#until(() => this.#held.atWork.length === 0),
    );
    this.#held.end("handed_back", "running");
    await within(
      LIMITS.runner_flush_ms_max,
      this.#until(() => this.#held.atWork.length === 0 && this.#unsent === 0),
    );
    const unsent = this.#unsent;
    this.#stopping.abort(new LeaseEnded("killed"));
    this.#options.log({ event: "stopped", ...this.#counts, unsent });
  }

  /** Results on which the edge has said nothing yet. */
  get #unsent(): number {
    return this.#outbox.size + this.#urgent.size;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#stopping.signal.aborted) await this.#held.changed();
  }
}

const ofLease = ({ id, job_id, shard }: Lease) => ({ lease_id: id, job_id, shard });
const describe = (lease: Lease) => ({ ...ofLease(lease), model: lease.model, rows: rowsIn(lease.rows) });
