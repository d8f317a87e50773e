import { DurableObject } from "cloudflare:workers";
import { listDeliveries, listPendingDeliveries, renderDelivery } from "@infernet/db/aggregator/deliveries";
import { readPayload } from "@infernet/db/aggregator/facts";
import { listJobKeys, listOpenJobs, type NewJob } from "@infernet/db/aggregator/jobs";
import migrations from "@infernet/db/aggregator/migrations";
import { isFinal, isOpen } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { renderSettlement, settle } from "@infernet/protocol/settlement";
import type { Bytes } from "@infernet/schemas/digest";
import type { KeyGrant } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import { type AccountId, type DeliveryId, type JobId, type LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import type { LogEvent } from "@infernet/schemas/job-event";
import { LIMITS } from "@infernet/schemas/limits";
import type { StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import type { SignedReceipt } from "@infernet/schemas/receipt";
import type { HeartbeatResponse, ShardResult, SubmissionReceipt } from "@infernet/schemas/runner";
import type { Delivery } from "@infernet/schemas/webhook";
import { uuidv7 } from "uuidv7";
import type { JobStanding } from "../account/check-reservations.ts";
import { acceptResults, refuseUnknownJob } from "../aggregator/accept-results.ts";
import { cancelJob } from "../aggregator/cancel-job.ts";
import { type AggregatorContext, findJob, lookUpJob } from "../aggregator/context.ts";
import { abandonRequest, createJob, findRequest, takeRequest } from "../aggregator/create-job.ts";
import { deliver } from "../aggregator/deliver-webhooks.ts";
import { grantKey } from "../aggregator/grant-key.ts";
import { type Grant, type GrantRequest, grantLeases } from "../aggregator/grant-leases.ts";
import { JobNews } from "../aggregator/job-news.ts";
import { findOwnJob, listEvents } from "../aggregator/read-job.ts";
import { readStream } from "../aggregator/read-stream.ts";
import { recallJob } from "../aggregator/recall-job.ts";
import { renewLeases } from "../aggregator/renew-leases.ts";
import { retirementOf } from "../aggregator/retire-day.ts";
import { RUNNER_HEADER, RunnerChannels } from "../aggregator/runner-channels.ts";
import type { StreamStart } from "../aggregator/stream-records.ts";
import { StreamWatch } from "../aggregator/stream-watch.ts";
import { nextWake, sweep } from "../aggregator/sweep.ts";
import { takeDeltas } from "../aggregator/take-deltas.ts";
import { noteClosed, watchStreams } from "../aggregator/watch-streams.ts";
import { randomShare } from "../random-share.ts";
import { renderJobReceipt } from "../receipts/render-job-receipt.ts";
import { type Answer, answer } from "../rpc.ts";
import { ObjectStore } from "./object-store.ts";

/** The jobs of one partition and day: their logs, leases, commitments, events and webhooks. Each method is one file in aggregator/. */
export class Aggregator extends DurableObject<Env> {
  readonly #store: ObjectStore;
  readonly #context: AggregatorContext;
  readonly #news = new JobNews();
  readonly #watch = new StreamWatch((): void => watchStreams(this.#context));
  #alarm_ms: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
    this.#context = {
      env,
      db: this.#store.db,
      lease_ms: leaseTime(env),
      jobs: new Map(),
      pending: new Map(),
      sending: new Set(),
      retire_ms: null,
      inFlight: new Map(),
      rosters: new Map(),
      readers: { count: 0 },
      channels: new RunnerChannels({
        take: (runner, up) => this.#takeFrom(runner, up),
        closed: (runner) => noteClosed(this.#context, runner),
      }),
      now: () => Date.now(),
      uuid: uuidv7,
      random: randomShare,
      defer: (work) => ctx.waitUntil(work.catch(logFailure)),
      wakeBy: (unix_ms) => this.#wakeBy(unix_ms),
      watchBy: (unix_ms) => this.#watch.by(unix_ms),
      dropStorage: () => this.#store.drop(),
      announce: (job) => this.#news.announce(job),
    };
    if (this.#store.exists) void ctx.blockConcurrencyWhile(() => this.#resume());
  }

  /** The job that an earlier request of this idempotency key made, or null and the key is taken. */
  begin(key: string, request_sha256: string): Promise<Answer<Job | null>> {
    return answer(() => {
      const earlier = this.#findRequest(key, request_sha256);
      if (earlier === null) takeRequest(this.#context, key);
      return earlier;
    });
  }

  /** The same without taking the key: how a later day asks. */
  findRequest(key: string, request_sha256: string): Promise<Answer<Job | null>> {
    return answer(() => this.#findRequest(key, request_sha256));
  }

  abandon(key: string): void {
    abandonRequest(this.#context, key);
  }

  async create(job: NewJob): Promise<Job> {
    await this.#store.create();
    return createJob(this.#context, job);
  }

  /** How a job stands with the funds that were set aside for it. */
  standing(id: JobId): JobStanding {
    const job = this.#store.exists ? lookUpJob(this.#context, id) : null;
    if (job === null) return { kind: "unknown" };
    const { progress, record } = job;
    if (!isFinal(progress.state)) return { kind: "open" };
    return { kind: "over", settlement: renderSettlement(settle(progress, record.price)) };
  }

  /** The job; with `wait_ms`, as it is when it has ended or the time is over. */
  async read(account: AccountId, id: JobId, wait_ms = 0): Promise<Answer<Job>> {
    return answer(async () => {
      this.#assertStored(id);
      const until_ms = Date.now() + wait_ms;
      let job = findOwnJob(this.#context, account, id);
      while (!isFinal(job.progress.state) && Date.now() < until_ms) {
        await this.#news.next(id, until_ms - Date.now());
        job = findOwnJob(this.#context, account, id);
      }
      return renderJob(job.record, job.progress);
    });
  }

  /** Events after number `after`, waiting for the first up to `wait_ms`; `ended` when none will follow. */
  async events(
    account: AccountId,
    id: JobId,
    after: number,
    wait_ms: number,
  ): Promise<Answer<{ events: LogEvent[]; ended: boolean; streamed: boolean }>> {
    return answer(async () => {
      this.#assertStored(id);
      let job = findOwnJob(this.#context, account, id);
      if (job.progress.seq <= after && isOpen(job.progress)) {
        await this.#news.next(id, wait_ms);
        job = findOwnJob(this.#context, account, id);
      }
      const events = listEvents(this.#context, job, after);
      const last = events.at(-1)?.seq ?? after;
      const ended = !isOpen(job.progress) && last >= job.progress.seq;
      return { events, ended, streamed: job.stream !== null };
    });
  }

  /** The job with its result's bytes, when these are kept beside it. */
  result(account: AccountId, id: JobId): Promise<Answer<{ job: Job; bytes: Bytes | null }>> {
    return answer(() => {
      this.#assertStored(id);
      const job = findOwnJob(this.#context, account, id);
      const bytes = job.result_seq === null ? null : readPayload(this.#context.db, id, job.result_seq);
      return { job: renderJob(job.record, job.progress), bytes };
    });
  }

  receipt(account: AccountId, id: JobId): Promise<Answer<SignedReceipt>> {
    return answer(() => {
      this.#assertStored(id);
      return renderJobReceipt(this.#context, findOwnJob(this.#context, account, id));
    });
  }

  grantKey(account: AccountId, id: JobId, grants: KeyGrant[]): Promise<Answer<Job>> {
    return answer(() => {
      this.#assertStored(id);
      return grantKey(this.#context, account, id, grants);
    });
  }

  cancel(account: AccountId, id: JobId): Promise<Answer<Job>> {
    return answer(() => {
      this.#assertStored(id);
      return cancelJob(this.#context, account, id);
    });
  }

  deliveries(account: AccountId, id: JobId): Promise<Answer<Delivery[]>> {
    return answer(() => {
      this.#assertStored(id);
      findOwnJob(this.#context, account, id);
      return listDeliveries(this.#context.db, id).map(renderDelivery);
    });
  }

  /** Sends one delivery again, now, whatever became of it before. */
  replay(account: AccountId, id: JobId, delivery: DeliveryId): Promise<Answer<Delivery>> {
    return answer(async () => {
      this.#assertStored(id);
      findOwnJob(this.#context, account, id);
      const found = listDeliveries(this.#context.db, id).find((candidate) => candidate.id === delivery);
      if (found === undefined) throw new InfernetError("not_found", `${id} has no delivery ${delivery}`);
      return renderDelivery(await deliver(this.#context, found));
    });
  }

  async lease(request: GrantRequest): Promise<Grant> {
    if (!this.#store.exists) return { leases: [], ready: 0 };
    return grantLeases(this.#context, request);
  }

  /** What becomes of a streamed job from a place on, as lines of JSON: see `openStream`. */
  stream(account: AccountId, id: JobId, from: StreamStart): Promise<Answer<ReadableStream<Uint8Array>>> {
    return answer(() => {
      this.#assertStored(id);
      return readStream(this.#context, account, id, from);
    });
  }

  /** Tokens that a runner has made, where it has no connection of its own. Answered when they are kept. */
  async streamUp(runner: RunnerId, up: StreamUp): Promise<StreamDown> {
    if (!this.#store.exists)
      return { kept: [], resend: [], ended: up.deltas.map(({ lease_id }) => lease_id) };
    const { down, kept } = takeDeltas(this.#context, runner, up);
    return { ...down, kept: (await kept) ?? [] };
  }

  /** A runner's connection for tokens: the Worker has verified whose it is. */
  override fetch(request: Request): Response {
    const runner = RunnerId.parse(request.headers.get(RUNNER_HEADER));
    const [client, server] = Object.values(new WebSocketPair());
    if (client === undefined || server === undefined) throw new Error("a WebSocket has two ends");
    this.#context.channels.add(runner, server);
    return new Response(null, { status: 101, webSocket: client });
  }

  #takeFrom(runner: RunnerId, up: StreamUp): boolean {
    const { channels } = this.#context;
    if (!this.#store.exists) {
      channels.send(runner, { kept: [], resend: [], ended: up.deltas.map(({ lease_id }) => lease_id) });
      return false;
    }
    const { down, kept } = takeDeltas(this.#context, runner, up);
    channels.send(runner, down);
    if (kept !== null)
      this.#context.defer(kept.then((all) => channels.send(runner, { kept: all, resend: [], ended: [] })));
    return down.ended.length < up.deltas.length;
  }

  async submit(runner: RunnerId, results: ShardResult[]): Promise<SubmissionReceipt[]> {
    if (!this.#store.exists) return results.map(refuseUnknownJob);
    return acceptResults(this.#context, runner, results);
  }

  heartbeat(runner: RunnerId, leases: { lease_id: LeaseId; job_id: JobId }[]): HeartbeatResponse {
    if (!this.#store.exists) return { renewed: [], lost: leases.map((lease) => lease.lease_id) };
    return renewLeases(this.#context, runner, leases);
  }

  /** A provider of this job was convicted in another: what it did here is checked again. Idempotent. */
  async recall(job: JobId, runner: RunnerId, convicted_in: JobId, thorough: boolean): Promise<void> {
    if (!this.#store.exists) return;
    recallJob(this.#context, job, runner, convicted_in, thorough);
    await this.#wakeInTime();
  }

  override async alarm(): Promise<void> {
    this.#alarm_ms = null;
    await sweep(this.#context);
    watchStreams(this.#context);
    await this.#wakeInTime();
  }

  async #resume(): Promise<void> {
    this.#alarm_ms = await this.ctx.storage.getAlarm();
    const { db, pending } = this.#context;
    for (const delivery of listPendingDeliveries(db)) pending.set(delivery.id, delivery);
    for (const id of listOpenJobs(db)) findJob(this.#context, id);
    const [first] = listJobKeys(db, "", 1);
    if (first !== undefined) this.#context.retire_ms = retirementOf(first.id);
    if (this.#context.jobs.size > 0) await this.#wakeBy(Date.now());
    await this.#wakeInTime();
  }

  async #wakeInTime(): Promise<void> {
    const wake_ms = nextWake(this.#context);
    if (wake_ms !== null) await this.#wakeBy(wake_ms);
  }

  /** An alarm is a row on the bill: one that is set is moved only to ring earlier. */
  async #wakeBy(unix_ms: number): Promise<void> {
    if (this.#alarm_ms !== null && this.#alarm_ms <= unix_ms) return;
    this.#alarm_ms = unix_ms;
    await this.ctx.storage.setAlarm(unix_ms);
  }

  #findRequest(key: string, request_sha256: string): Job | null {
    return this.#store.exists ? findRequest(this.#context, key, request_sha256) : null;
  }

  /** Anybody can ask for a job of a partition that has never had one. */
  #assertStored(id: JobId): void {
    if (!this.#store.exists) throw new InfernetError("not_found", `there is no job ${id}`);
  }
}

function leaseTime(env: Env): number {
  const asked = Number(env.LEASE_MS ?? LIMITS.lease_ms_default);
  return Math.min(LIMITS.lease_ms_max, Math.max(LIMITS.lease_ms_min, asked || LIMITS.lease_ms_default));
}

/** Deferred work is repeated by the next alarm; its failure is still worth a line. */
function logFailure(error: unknown): void {
  console.error(
    JSON.stringify({
      event: "aggregator.deferred_failed",
      error: String(error instanceof Error && error.cause ? error.cause : error),
    }),
  );
}
