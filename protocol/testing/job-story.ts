import { renderSignature } from "@infernet/schemas/commitment";
import type { Sha256 } from "@infernet/schemas/digest";
import { hashSha256, renderHash } from "@infernet/schemas/hash";
import { formatLeaseId, type JobId, type LeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { CommittedResult, JobFact, ReturnedFact, Task } from "@infernet/schemas/job-fact";
import type { FailureCode } from "@infernet/schemas/runner";
import type { Comparison, RosterEntry, VerificationPlan } from "@infernet/schemas/verification";
import { rosterDigest } from "../apply-draws.ts";
import { applyFact } from "../apply-fact.ts";
import { decideCommitted } from "../committed-fact.ts";
import { findContradiction } from "../contradiction-rules.ts";
import type { DrawSource } from "../draw-rules.ts";
import { decideDrawn } from "../drawn-fact.ts";
import { decideEnd, type JobEnd } from "../job-end.ts";
import {
  type Check,
  createProgress,
  isOpen,
  type JobProgress,
  type ShardProgress,
  shardAt,
} from "../job-progress.ts";
import { decideExpiries } from "../lease-expiry.ts";
import { decideLeases, type LeaseRequest } from "../lease-rules.ts";
import { isDisputed, rowsOfCheck } from "../shard-state.ts";
import { classifyAnswer, type Standing } from "../submission-rules.ts";
import { sampleJob } from "./sample-ids.ts";
import { entryOf } from "./sample-runners.ts";
import { rowsBetween, type Saying, zoneBetween } from "./say.ts";

export interface StoryLease extends Task {
  id: LeaseId;
  runner: RunnerId;
}

export interface StoryOptions {
  shards?: number;
  /** Without it the first answer stands. */
  plan?: VerificationPlan;
  /** Who can be drawn: ids of old hands, or whole entries. */
  runners?: readonly (RunnerId | RosterEntry)[];
  deadline_ms?: number;
  lease_ms?: number;
  job?: JobId;
}

const UNCHECKED: VerificationPlan = { mode: "none", auditors: 0, audit_rows: 0, error_max: null };

/** Each answer is checked by so many, on four of its ten rows. */
export const audited = (auditors = 1, error_max: number | null = null): VerificationPlan => ({
  mode: "audit",
  auditors,
  audit_rows: 4,
  error_max,
});

export const STORY_SEED = hashSha256(new TextEncoder().encode("the seed of the stories"));

const EXECUTION_CLASS = "onnx/1.30.0/cpu/fp32";
const NO_SIGNATURE = renderSignature(new Uint8Array(64));

/**
 * One job under the pure rules (ten rows a shard, five in the last), with a clock that the test moves. Runners are drawn
 * by a real seed; what they say are texts, compared by `zoneBetween`.
 */
export class JobStory {
  readonly facts: { fact: JobFact; seq: number; at_ms: number }[] = [];
  readonly deadline_ms: number;
  readonly lease_ms: number;
  readonly #renewals = new Map<LeaseId, number>();
  readonly #said = new Map<LeaseId, Saying>();
  #source: DrawSource;
  now_ms = 1_000_000;
  progress: JobProgress;

  constructor({
    shards = 1,
    plan = UNCHECKED,
    runners = [],
    deadline_ms = 3_600_000,
    lease_ms = 15_000,
    job = sampleJob(1),
  }: StoryOptions = {}) {
    this.deadline_ms = this.now_ms + deadline_ms;
    this.lease_ms = lease_ms;
    this.progress = createProgress(
      { job_id: job, rows: shards * 10 - 5, shard_rows: 10, shards, verification: plan },
      this.now_ms,
    );
    this.#source = sourceOf(runners);
  }

  /** Who can be drawn from here on. */
  setRunners(runners: readonly (RunnerId | RosterEntry)[]): this {
    this.#source = sourceOf(runners);
    return this;
  }

  get source(): DrawSource {
    return this.#source;
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

  shard(index = 0): ShardProgress {
    return shardAt(this.progress.shards, index);
  }

  /** Has the rules choose what a runner gets. */
  ask(runner: RunnerId, options: Partial<LeaseRequest> = {}): StoryLease[] {
    return this.grant(runner, this.decide(runner, options));
  }

  /** What the rules would give a runner. */
  decide(runner: RunnerId, options: Partial<LeaseRequest> = {}): Task[] {
    const entry = this.#source.roster.runners.find(({ id }) => id === runner) ?? entryOf(runner);
    return decideLeases(this.progress, {
      runner,
      leases_max: 16,
      runners: 1,
      passed: entry.passed,
      referee: entry.referee,
      chance: 0.5,
      now_ms: this.now_ms,
      deadline_ms: this.deadline_ms,
      ...options,
    });
  }

  /** Gives tasks without asking the rules. */
  grant(runner: RunnerId, tasks: readonly Task[]): StoryLease[] {
    if (tasks.length === 0) return [];
    const grant = (this.progress.seq + 1).toString(16).padStart(32, "0");
    const expires_ms = this.now_ms + this.lease_ms;
    this.record({ kind: "leased", runner, grant, tasks: [...tasks], expires_ms });
    const partition = partitionOf(this.progress.plan.job_id);
    return tasks.map((task, n) => ({ ...task, id: formatLeaseId(partition, grant, n), runner }));
  }

  /** Gives shards to compute without asking the rules. */
  lease(runner: RunnerId, shards: number[]): StoryLease[] {
    return this.grant(
      runner,
      shards.map((shard) => ({ shard, role: "compute", of: null })),
    );
  }

  renew(lease: StoryLease): void {
    this.#renewals.set(lease.id, this.now_ms + this.lease_ms);
  }

  /** Hands in answers, several as one submission; only wanted ones are recorded. */
  answer(answers: readonly { lease: StoryLease; says: Saying }[]): Standing[] {
    const standings = answers.map(({ lease }) =>
      classifyAnswer(this.progress, lease.runner, lease.id, lease.shard),
    );
    const wanted = answers.filter((_, n) => standings[n]?.kind === "wanted");
    const runner = wanted[0]?.lease.runner;
    if (runner === undefined) return standings;
    const results = wanted.map(({ lease, says }) => this.#describe(lease, says));
    for (const { lease, says } of wanted) this.#said.set(lease.id, says);
    this.record(decideCommitted(this.progress, runner, results, this.#source, this.now_ms));
    return standings;
  }

  #describe(lease: StoryLease, says: Saying): CommittedResult {
    const rows = this.rowsOf(lease).length;
    return {
      shard: lease.shard,
      role: lease.role,
      of: lease.of,
      lease_id: lease.id,
      rows,
      leaf_rows: 1,
      root: rootOf(lease.id, says),
      signature: NO_SIGNATURE,
      output_sha256: rootOf(says),
      output_bytes: 4,
      blob: false,
      execution_class: EXECUTION_CLASS,
      compute_ms: 7,
      comparisons: this.#compare(lease, says, rows),
    };
  }

  /** Hands in something else for a lease that was answered. Whether that is a contradiction in a job that is not over. */
  contradict({ id: lease_id, runner, shard }: StoryLease, says: Saying): boolean {
    const fact = findContradiction(this.progress, runner, {
      shard,
      lease_id,
      leaf_rows: 1,
      root: rootOf(lease_id, says),
      signature: NO_SIGNATURE,
      execution_class: EXECUTION_CLASS,
    });
    if (fact === null || !isOpen(this.progress)) return false;
    this.record(fact);
    return true;
  }

  /** The rows of its shard that a lease names. */
  rowsOf(lease: StoryLease): number[] {
    const { checks } = this.shard(lease.shard);
    const whole = { role: "probe", runner: lease.runner, of: null, value: null } as const;
    const check = checks.find((one) => one.lease === lease.id) ?? whole;
    return rowsOfCheck(this.progress.plan, lease.shard, checks, check);
  }

  #compare({ shard, role, of }: StoryLease, says: Saying, rows: number): Comparison[] {
    const { answer, checks, delivered } = this.shard(shard);
    const disputed = checks.find((check) => check.runner === of && isDisputed(check))?.answer ?? null;
    const others = role === "compute" ? [delivered] : role === "referee" ? [answer, disputed] : [answer];
    return others.flatMap((other) =>
      other === null
        ? []
        : {
            with: other.runner,
            zone: zoneBetween(says, this.said(other.lease_id)),
            deviation: null,
            angle: null,
            rows_differing: rowsBetween(says, this.said(other.lease_id), rows),
          },
    );
  }

  said(lease: LeaseId): Saying {
    const says = this.#said.get(lease);
    if (says === undefined) throw new Error(`nothing was said under ${lease}`);
    return says;
  }

  /** What stands for a shard; null when nothing does. */
  stands(index = 0): Saying | null {
    const { answer } = this.shard(index);
    return answer && this.said(answer.lease_id);
  }

  /** Leases one shard to a runner and has it answer. */
  commit(runner: RunnerId, shard: number, says: Saying): Standing | undefined {
    const [lease] = this.lease(runner, [shard]);
    return lease && this.answer([{ lease, says }])[0];
  }

  /** Checks that wait to be answered, drawn or taken. */
  awaited(index = 0): Check[] {
    return this.shard(index).checks.filter(({ state }) => state === "drawn" || state === "leased");
  }

  /** Runners that a check of the shard waits for. */
  drawn(index = 0): RunnerId[] {
    return this.awaited(index).map(({ runner }) => runner);
  }

  /** Draws what is to be drawn now. */
  draw(): JobFact | null {
    const fact = decideDrawn(this.progress, this.#source, this.now_ms);
    if (fact !== null) this.record(fact);
    return fact;
  }

  /** Has a runner take the checks that were drawn for it, and answer them. */
  check(runner: RunnerId, says: Saying | ((task: Task) => Saying)): Standing[] {
    const taken = this.ask(runner, { leases_max: 64, referee: true });
    return this.answer(
      taken.map((lease) => ({ lease, says: typeof says === "string" ? says : says(lease) })),
    );
  }

  /** Has everybody who is drawn answer, as long as anybody is or can be. */
  checkAll(says: (runner: RunnerId, task: Task) => Saying): this {
    for (let rounds = 0; rounds < 1_000; rounds += 1) {
      const runner = this.progress.shards.flatMap((_, index) => this.drawn(index))[0];
      if (runner !== undefined) this.check(runner, (task) => says(runner, task));
      else if (this.draw() === null) return this;
    }
    throw new Error("the checks come to no end");
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

  /** Delivers what stands. */
  succeed(): this {
    this.record({ kind: "succeeded", result: RESULT });
    return this;
  }

  /** Puts in question what a runner did, because it was convicted in another job. */
  recall(runner: RunnerId, thorough = false): this {
    this.record({ kind: "recalled", runner, convicted_in: sampleJob(2), thorough });
    return this;
  }

  /** The progress that the log comes to when it is folded anew. */
  replay(): JobProgress {
    const start = createProgress(this.progress.plan, this.progress.timestamps.queued ?? 0);
    return this.facts.reduce((before, { fact, seq, at_ms }) => applyFact(before, fact, seq, at_ms), start);
  }
}

export const RESULT = {
  url: "https://edge.test/result",
  sha256: renderHash(new Uint8Array(32)),
  bytes: 1,
  content_type: "application/cbor",
  outputs: [],
  expires_at: "2026-01-01T00:00:00.000Z",
};

const rootOf = (...parts: string[]): Sha256 =>
  renderHash(hashSha256(new TextEncoder().encode(parts.join(" says "))));

function sourceOf(runners: readonly (RunnerId | RosterEntry)[]): DrawSource {
  const entries = runners.map((runner) => (typeof runner === "string" ? entryOf(runner) : runner));
  const roster = { runners: entries.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  return { roster, digest: rosterDigest(roster), epoch: 7, seed: STORY_SEED };
}
