import { Sha256 } from "@infernet/schemas/digest";
import { formatLeaseId, type LeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { JobFact, ReturnedFact } from "@infernet/schemas/job-fact";
import type { FailureCode } from "@infernet/schemas/runner";
import { applyFact } from "../apply-fact.ts";
import { decideEnd, type JobEnd } from "../job-end.ts";
import { createProgress, type JobProgress, shardAt, validCommitments } from "../job-progress.ts";
import { decideExpiries } from "../lease-expiry.ts";
import { decideLeases, type LeaseRequest } from "../lease-rules.ts";
import { classifyAnswer, decideVerdict, type Standing } from "../submission-rules.ts";
import { sampleJob } from "./sample-ids.ts";

export interface StoryLease {
  id: LeaseId;
  runner: RunnerId;
  shard: number;
}

export interface StoryOptions {
  shards?: number;
  replicas?: number;
  deadline_ms?: number;
  lease_ms?: number;
}

/** One job under the pure rules (ten rows a shard, five in the last), with a clock that the test moves and answers that agree when their texts are equal. */
export class JobStory {
  readonly facts: { fact: JobFact; seq: number; at_ms: number }[] = [];
  readonly deadline_ms: number;
  readonly #lease_ms: number;
  readonly #renewals = new Map<LeaseId, number>();
  readonly #said = new Map<string, string>();
  now_ms = 1_000_000;
  progress: JobProgress;

  constructor({ shards = 1, replicas = 1, deadline_ms = 3_600_000, lease_ms = 15_000 }: StoryOptions = {}) {
    const plan = { job_id: sampleJob(1), rows: shards * 10 - 5, shard_rows: 10, shards, replicas };
    this.deadline_ms = this.now_ms + deadline_ms;
    this.#lease_ms = lease_ms;
    this.progress = createProgress(plan, this.now_ms);
  }

  pass(ms: number): this {
    this.now_ms += ms;
    return this;
  }

  record(fact: JobFact): void {
    const entry = { fact, seq: this.progress.seq + 1, at_ms: this.now_ms };
    this.progress = applyFact(this.progress, fact, entry.seq, entry.at_ms);
    this.facts.push(entry);
  }

  /** Has the rules choose leases for a runner. */
  ask(runner: RunnerId, options: Partial<LeaseRequest> = {}): StoryLease[] {
    const request = {
      runner,
      leases_max: 16,
      runners: 1,
      now_ms: this.now_ms,
      deadline_ms: this.deadline_ms,
    };
    return this.lease(runner, decideLeases(this.progress, { ...request, ...options }));
  }

  /** Leases shards without asking the rules. */
  lease(runner: RunnerId, shards: number[]): StoryLease[] {
    if (shards.length === 0) return [];
    const grant = (this.progress.seq + 1).toString(16).padStart(32, "0");
    this.record({ kind: "leased", runner, grant, shards, expires_ms: this.now_ms + this.#lease_ms });
    const partition = partitionOf(this.progress.plan.job_id);
    return shards.map((shard, n) => ({ id: formatLeaseId(partition, grant, n), runner, shard }));
  }

  renew(lease: StoryLease): void {
    this.#renewals.set(lease.id, this.now_ms + this.#lease_ms);
  }

  /** Hands in answers, several as one submission; only wanted ones are recorded. */
  answer(answers: { lease: StoryLease; says: string }[]): Standing[] {
    const standings = answers.map(({ lease }) =>
      classifyAnswer(this.progress, lease.runner, lease.id, lease.shard),
    );
    const wanted = answers.filter((_, n) => standings[n]?.kind === "wanted");
    const runner = wanted[0]?.lease.runner;
    if (runner === undefined) return standings;
    const results = wanted.map(({ lease, says }) => ({
      shard: lease.shard,
      output_sha256: Sha256.parse("0".repeat(64)),
      output_bytes: 4,
      blob: false,
      execution_class: "onnx/1.30.0/cpu/fp32",
      compute_ms: 7,
      agrees_with: validCommitments(this.progress, shardAt(this.progress.shards, lease.shard))
        .map((earlier) => earlier.runner)
        .filter((earlier) => this.said(lease.shard, earlier) === says),
    }));
    const verdicts = results.flatMap(
      ({ shard, agrees_with }) => decideVerdict(this.progress, shard, runner, agrees_with) ?? [],
    );
    for (const { lease, says } of wanted) this.#said.set(`${lease.shard} ${lease.runner}`, says);
    this.record({ kind: "committed", runner, results, verdicts });
    return standings;
  }

  /** Leases one shard to a runner and has it answer. */
  commit(runner: RunnerId, shard: number, says: string): Standing | undefined {
    const [lease] = this.lease(runner, [shard]);
    return lease && this.answer([{ lease, says }])[0];
  }

  said(shard: number, runner: RunnerId): string | undefined {
    return this.#said.get(`${shard} ${runner}`);
  }

  fail(runner: RunnerId, shard: number, code: FailureCode = "engine_crashed", detail = "it broke"): void {
    this.record({ kind: "returned", runner, reason: "failed", shards: [shard], code, detail });
  }

  /** Leases one shard to a runner and has it fail. */
  tryAndFail(runner: RunnerId, shard: number, code?: FailureCode): void {
    this.lease(runner, [shard]);
    this.fail(runner, shard, code);
  }

  handBack(runner: RunnerId, shards: number[]): void {
    this.record({ kind: "returned", runner, reason: "handed_back", shards, code: null, detail: null });
  }

  expire(): ReturnedFact[] {
    const facts = decideExpiries(this.progress, this.now_ms, (lease) =>
      Math.max(lease.expires_ms, this.#renewals.get(lease.id) ?? 0),
    );
    for (const fact of facts) this.record(fact);
    return facts;
  }

  end(): JobEnd | null {
    return decideEnd(this.progress, this.now_ms, this.deadline_ms);
  }
}
