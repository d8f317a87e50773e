import type { Challenge, ChallengeAnswer } from "@infernet/schemas/challenge";
import { NetworkId } from "@infernet/schemas/commitment";
import type { Demand } from "@infernet/schemas/demand";
import { type Bytes, Sha256, sha256 } from "@infernet/schemas/digest";
import type { EarningSums, EarningView, PayoutView } from "@infernet/schemas/earning";
import { InfernetError } from "@infernet/schemas/errors";
import {
  formatJobId,
  formatLeaseId,
  formatPartition,
  formatRunnerId,
  type LeaseId,
  type RunnerId,
} from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type ModelManifest, type ModelName, manifestDigest } from "@infernet/schemas/model";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { PayoutOrder } from "@infernet/schemas/payout";
import type { AttestationText } from "@infernet/schemas/peer/attestation";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Ban } from "@infernet/schemas/provider";
import type {
  Heartbeat,
  Lease,
  PollRequest,
  PollResponse,
  RunnerRegistration,
  ShardResult,
  Submission,
  SubmissionReceipt,
} from "@infernet/schemas/runner";
import { untilAborted } from "../until-aborted.ts";
import { checkResult } from "./check-result.ts";
import type { EdgeClient, OwnRecord } from "./edge-client.ts";
import { EdgeRefusal } from "./edge-error.ts";
import { MemoryStreams } from "./memory-streams.ts";

type CallName = keyof EdgeClient;

const REFUSED_TO_BANNED: ReadonlySet<CallName> = new Set(["register", "poll", "heartbeat", "submit"]);

const JOB = "019aa5d0c1f07c3e8f2b6d4e5a901122";

/**
 * An edge in memory, for tests of whatever stands on `EdgeClient`: it grants what it is told to, keeps what it is sent,
 * and answers as an edge does.
 */
export class MemoryEdge implements EdgeClient {
  /** The one runner that it knows; its results are checked as from this one. */
  runner_id: RunnerId = formatRunnerId(new Uint8Array(32));
  network = NetworkId.parse(`net_${"A".repeat(43)}`);
  warnings: string[] = [];
  readonly registered: RunnerRegistration[] = [];
  readonly appeals: string[] = [];
  demand: Demand = {
    object: "demand",
    duty: "work",
    runners_seen: 1,
    runners_waiting: 1,
    shards_waiting: 0,
    data: [],
  };
  record: OwnRecord | null = null;
  /** Peers that it names to begin with. */
  bootstrap: PeerAddress[] = [];
  /** What it says of the runner, as `getAttestation` gives it. */
  attestation: AttestationText | null = null;
  sums: EarningSums[] = [];
  readonly earnings: EarningView[] = [];
  readonly payouts: PayoutView[] = [];
  /** What the next withdrawal orders. */
  readonly payable: PayoutOrder[] = [];
  readonly modelNames = new Map<ModelName, Sha256>();
  readonly polls: PollRequest[] = [];
  readonly heartbeats: Heartbeat[] = [];
  /** Challenges that the next calls are handed, and what came of them. */
  readonly challenges: Challenge[] = [];
  readonly challengeAnswers: ChallengeAnswer[] = [];
  readonly submissions: Submission[] = [];
  readonly fetched: Sha256[] = [];
  readonly blobs = new Map<Sha256, Bytes>();
  readonly streams = new MemoryStreams();
  /** Leases that the next heartbeat is told are lost. */
  readonly lost = new Set<LeaseId>();
  /** Whether the runner has said that it takes no more work. */
  hasLeft = false;
  /** How far the edge's clock is ahead of this machine's. */
  clock_ahead_ms = 0;
  readonly #manifests = new Map<Sha256, ModelManifest>();
  readonly #stored = new Map<LeaseId, ShardResult>();
  readonly #offered: Lease[] = [];
  readonly #granted = new Map<LeaseId, Lease>();
  readonly #faults = new Map<CallName, ((proceed: () => Promise<unknown>) => Promise<unknown>)[]>();
  #ban: Ban | null = null;
  #arrived = Promise.withResolvers<void>();
  #leases = 0;
  #left = 0;

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

  /** From now on a banned runner is refused, a parked poll included; its record says why. */
  banish(ban: Ban): void {
    this.#ban = ban;
    this.#arrived.resolve();
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
    this.#granted.set(whole.id, whole);
    this.#arrived.resolve();
    return whole;
  }

  /** The next call of this name goes through `fault`, which may fail before, after, or instead of it. */
  intercept(name: CallName, fault: (proceed: () => Promise<unknown>) => Promise<unknown>): void {
    this.#faults.set(name, [...(this.#faults.get(name) ?? []), fault]);
  }

  async #through<T>(name: CallName, proceed: () => Promise<T>): Promise<T> {
    const fault = this.#faults.get(name)?.shift();
    const answer = async (): Promise<T> => {
      if (REFUSED_TO_BANNED.has(name)) this.#refuseBanned();
      return proceed();
    };
    if (!fault) return answer();
    let result: { value: T } | null = null;
    await fault(async () => {
      result = { value: await answer() };
    });
    return (result ?? { value: await answer() }).value;
  }

  #refuseBanned(): void {
    if (this.#ban) throw new EdgeRefusal("this runner is banned", 403, "provider_banned");
  }

  register: EdgeClient["register"] = (registration) =>
    this.#through("register", async () => {
      this.registered.push(registration);
      const now_ms = Date.now() + this.clock_ahead_ms;
      const { runner_id, network, warnings } = this;
      return { runner_id, network, now_ms, poll_wait_ms: 25_000, warnings };
    });

  poll: EdgeClient["poll"] = (request, signal) =>
    this.#through("poll", async (): Promise<PollResponse> => {
      this.polls.push(request);
      const left = this.#left;
      while (this.#offered.length === 0) {
        this.#arrived = Promise.withResolvers();
        await untilAborted(this.#arrived.promise, signal);
        this.#refuseBanned();
        if (this.#left > left) return { leases: [], now_ms: Date.now() + this.clock_ahead_ms };
      }
      const leases = this.#offered.splice(0, request.leases_max);
      return { leases, now_ms: Date.now() + this.clock_ahead_ms };
    });

  /** What is parked ends with no leases, as at an edge. */
  leave: EdgeClient["leave"] = () =>
    this.#through("leave", async () => {
      this.hasLeft = true;
      this.#left += 1;
      this.#arrived.resolve();
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

  challenge: EdgeClient["challenge"] = () =>
    this.#through("challenge", async () => {
      const challenge = this.challenges.shift() ?? null;
      return { challenge, next_ms: LIMITS.challenge_every_ms };
    });

  answerChallenge: EdgeClient["answerChallenge"] = (answer) =>
    this.#through("answerChallenge", async () => {
      this.challengeAnswers.push(answer);
      const chains = answer.chains.length;
      return { at_ms: Date.now(), passed: true, chains, iterations_per_s: 1, cores: chains };
    });

  downloadProbe: EdgeClient["downloadProbe"] = () =>
    this.#through("downloadProbe", async () => new Uint8Array(LIMITS.bandwidth_probe_bytes));

  uploadProbe: EdgeClient["uploadProbe"] = () => this.#through("uploadProbe", async () => undefined);

  submit: EdgeClient["submit"] = (submission) =>
    this.#through("submit", async () => {
      this.submissions.push(submission);
      return { receipts: await Promise.all(submission.results.map((result) => this.#receive(result))) };
    });

  openStream: EdgeClient["openStream"] = (job, listener) => this.streams.connect(job, listener);

  postStream: EdgeClient["postStream"] = (message) =>
    this.#through(
      "postStream",
      async () => this.streams.receive(message) ?? { kept: [], resend: [], ended: [] },
    );

  getManifest: EdgeClient["getManifest"] = (digest) =>
    this.#through("getManifest", async () => found(this.#manifests.get(digest), `/models/${digest}`));

  findModel: EdgeClient["findModel"] = (ref) =>
    this.#through("findModel", async () => {
      const digest = this.modelNames.get(ref) ?? Sha256.parse(ref);
      const manifest = found(this.#manifests.get(digest), `/models/${ref}`);
      const names = [...this.modelNames].flatMap(([name, of]) => (of === digest ? [name] : []));
      return { digest, names, manifest };
    });

  getBlob: EdgeClient["getBlob"] = (digest, _signal, start = 0) =>
    this.#through("getBlob", async () => {
      this.fetched.push(digest);
      const bytes = found(this.blobs.get(digest), `/blobs/${digest}`);
      return (async function* () {
        yield bytes.subarray(start);
      })();
    });

  putBlob: EdgeClient["putBlob"] = (digest, bytes) =>
    this.#through("putBlob", async () => {
      this.blobs.set(digest, bytes);
    });

  getTime: EdgeClient["getTime"] = () =>
    this.#through("getTime", async () => Date.now() + this.clock_ahead_ms);

  getPeers: EdgeClient["getPeers"] = () => this.#through("getPeers", async () => this.bootstrap);

  getAttestation: EdgeClient["getAttestation"] = () =>
    this.#through("getAttestation", async () => this.attestation);

  getDemand: EdgeClient["getDemand"] = () => this.#through("getDemand", async () => this.demand);

  getRecord: EdgeClient["getRecord"] = () => this.#through("getRecord", async () => this.record);

  getBan: EdgeClient["getBan"] = () => this.#through("getBan", async () => this.#ban);

  appeal: EdgeClient["appeal"] = ({ detail }) =>
    this.#through("appeal", async () => {
      this.appeals.push(detail);
    });

  getEarnings: EdgeClient["getEarnings"] = (query) =>
    this.#through("getEarnings", async () => ({ sums: this.sums, ...pageFrom(this.earnings, query) }));

  listPayouts: EdgeClient["listPayouts"] = (query) =>
    this.#through("listPayouts", async () => pageFrom(this.payouts, query));

  withdraw: EdgeClient["withdraw"] = () =>
    this.#through("withdraw", async () => {
      const orders = this.payable.splice(0);
      if (orders.length === 0) throw new EdgeRefusal("nothing can be sent", 409, "payout_too_small");
      this.payouts.unshift(...orders.map((order) => ({ order, state: "due" as const, result: null })));
      return orders;
    });

  async #receive(result: ShardResult): Promise<SubmissionReceipt> {
    try {
      await this.#check(result);
      return this.#store(result);
    } catch (error) {
      if (!(error instanceof InfernetError)) throw error;
      return {
        lease_id: result.lease_id,
        status: "refused",
        code: error.code,
        detail: error.message,
      };
    }
  }

  async #check(result: ShardResult): Promise<void> {
    if (result.outcome !== "done") return;
    const lease = found(this.#granted.get(result.lease_id), `lease ${result.lease_id}`);
    await checkResult(result, {
      network: this.network,
      runner: this.runner_id,
      lease,
      manifest: found(this.#manifests.get(lease.model), `/models/${lease.model}`),
      blob: typeof result.outputs === "string" ? this.blobs.get(result.outputs) : undefined,
    });
  }

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

/** Its cursors are how far the reader has come. */
function pageFrom<Item>(items: readonly Item[], { limit, cursor }: PageQuery): Page<Item> {
  const start = Number(cursor ?? 0);
  const end = start + limit;
  return { data: items.slice(start, end), next_cursor: end < items.length ? String(end) : null };
}
