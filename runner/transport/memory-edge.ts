import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import {
  formatJobId,
  formatLeaseId,
  formatPartition,
  formatRunnerId,
  type LeaseId,
} from "@infernet/schemas/ids";
import { type ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type {
  Heartbeat,
  Lease,
  PollRequest,
  PollResponse,
  ShardResult,
  Submission,
  SubmissionReceipt,
} from "@infernet/schemas/runner";
import { untilAborted } from "../until-aborted.ts";
import type { EdgeClient } from "./edge-client.ts";
import { EdgeRefusal } from "./edge-error.ts";

type CallName = keyof EdgeClient;

const JOB = "019aa5d0c1f07c3e8f2b6d4e5a901122";

/**
 * An edge in memory, for tests of whatever stands on `EdgeClient`: it grants what it is told to, keeps what it is sent,
 * and answers as an edge does.
 */
export class MemoryEdge implements EdgeClient {
  readonly runner_id = formatRunnerId(new Uint8Array(32));
  readonly polls: PollRequest[] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly submissions: Submission[] = [];
  readonly fetched: Sha256[] = [];
  readonly blobs = new Map<Sha256, Bytes>();
  /** Leases that the next heartbeat is told are lost. */
  readonly lost = new Set<LeaseId>();
  registrations = 0;
  /** Whether the runner has said that it takes no more work. */
  hasLeft = false;
  /** How far the edge's clock is ahead of this machine's. */
  clock_ahead_ms = 0;
  readonly #manifests = new Map<Sha256, ModelManifest>();
  readonly #stored = new Map<LeaseId, ShardResult>();
  readonly #offered: Lease[] = [];
  readonly #faults = new Map<CallName, ((proceed: () => Promise<unknown>) => Promise<unknown>)[]>();
  #arrived = Promise.withResolvers<void>();
  #leases = 0;

  /** What came of each lease, in the order of the first answer. */
  get results(): ShardResult[] {
    return [...this.#stored.values()];
  }

  async addModel(manifest: ModelManifest, files: Bytes[]): Promise<Sha256> {
    for (const file of files) await this.addBlob(file);
    const digest = await manifestDigest(manifest);
    this.#manifests.set(digest, manifest);
    return digest;
  }

  async addBlob(bytes: Bytes): Promise<Sha256> {
    const digest = await sha256(bytes);
    this.blobs.set(digest, bytes);
    return digest;
  }

  /** Offers a lease on the next shard of the one job. */
  offer(lease: Pick<Lease, "model" | "rows" | "inputs"> & Partial<Lease>): Lease {
    const shard = this.#leases++;
    const partition = formatPartition(1);
    const now_ms = Date.now() + this.clock_ahead_ms;
    const whole: Lease = {
      id: formatLeaseId(partition, JOB, shard),
      job_id: formatJobId(partition, JOB),
      shard,
      lease_ms: 15_000,
      expires_ms: now_ms + 15_000,
      deadline_ms: now_ms + 3_600_000,
      ...lease,
    };
    this.#offered.push(whole);
    this.#arrived.resolve();
    return whole;
  }

  /** The next call of this name goes through `fault`, which may fail before, after, or instead of it. */
  intercept(name: CallName, fault: (proceed: () => Promise<unknown>) => Promise<unknown>): void {
    this.#faults.set(name, [...(this.#faults.get(name) ?? []), fault]);
  }

  async #through<T>(name: CallName, proceed: () => Promise<T>): Promise<T> {
    const fault = this.#faults.get(name)?.shift();
    if (!fault) return proceed();
    let result: { value: T } | null = null;
    await fault(async () => {
      result = { value: await proceed() };
    });
    return (result ?? { value: await proceed() }).value;
  }

  register: EdgeClient["register"] = () =>
    this.#through("register", async () => {
      this.registrations += 1;
      const now_ms = Date.now() + this.clock_ahead_ms;
      return { runner_id: this.runner_id, now_ms, poll_wait_ms: 25_000, warnings: [] };
    });

  poll: EdgeClient["poll"] = (request, signal) =>
    this.#through("poll", async (): Promise<PollResponse> => {
      this.polls.push(request);
      while (this.#offered.length === 0) {
        this.#arrived = Promise.withResolvers();
        await untilAborted(this.#arrived.promise, signal);
      }
      const leases = this.#offered.splice(0, request.leases_max);
      return { leases, now_ms: Date.now() + this.clock_ahead_ms };
    });

  leave: EdgeClient["leave"] = () =>
    this.#through("leave", async () => {
      this.hasLeft = true;
    });

  heartbeat: EdgeClient["heartbeat"] = (heartbeat) =>
    this.#through("heartbeat", async () => {
      this.heartbeats.push(heartbeat);
      const held = heartbeat.leases.map(({ lease_id }) => lease_id);
      const renewed = held.filter((id) => !this.lost.has(id));
      const expires_ms = Date.now() + this.clock_ahead_ms + 15_000;
      return {
        renewed: renewed.map((lease_id) => ({ lease_id, expires_ms })),
        lost: held.filter((id) => this.lost.has(id)),
      };
    });

  submit: EdgeClient["submit"] = (submission) =>
    this.#through("submit", async () => {
      this.submissions.push(submission);
      return { receipts: submission.results.map((result) => this.#store(result)) };
    });

  getManifest: EdgeClient["getManifest"] = (digest) =>
    this.#through("getManifest", async () => found(this.#manifests.get(digest), `/models/${digest}`));

  getBlob: EdgeClient["getBlob"] = (digest) =>
    this.#through("getBlob", async () => {
      this.fetched.push(digest);
      const bytes = found(this.blobs.get(digest), `/blobs/${digest}`);
      return (async function* () {
        yield bytes;
      })();
    });

  putBlob: EdgeClient["putBlob"] = (digest, bytes) =>
    this.#through("putBlob", async () => {
      this.blobs.set(digest, bytes);
    });

  #store(result: ShardResult): SubmissionReceipt {
    const { lease_id } = result;
    const isKnown = this.#stored.has(lease_id);
    if (!isKnown) this.#stored.set(lease_id, result);
    return { lease_id, status: isKnown ? "duplicate" : "accepted", code: null, detail: null };
  }
}

function found<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new EdgeRefusal(`GET ${path}: there is no such thing`, 404, "not_found");
  return value;
}
