import type { Bytes } from "@infernet/schemas/digest";
import { sha256 } from "@infernet/schemas/digest";
import { formatGrant, formatLeaseId, type LeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import type { Merge } from "@infernet/schemas/job";
import type { CommittedResult, JobFact, Task } from "@infernet/schemas/job-fact";
import { Unit } from "@infernet/schemas/ledger";
import type { LogEntry, Receipt, ReceiptJob, SignedReceipt } from "@infernet/schemas/receipt";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { bytesOf, numbersOf } from "@infernet/schemas/tensor-elements";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner, signCommitment, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { createTestNetwork, TEST_EPOCH_MS, type TestNetwork } from "@infernet/schemas/testing/test-network";
import { type Comparison, type Roster, Verification, type Zone } from "@infernet/schemas/verification";
import { rosterDigest } from "../../apply-draws.ts";
import { applyFact } from "../../apply-fact.ts";
import { decideCommitted } from "../../committed-fact.ts";
import { findContradiction } from "../../contradiction-rules.ts";
import type { DrawSource } from "../../draw-rules.ts";
import { decideDrawn } from "../../drawn-fact.ts";
import { decideEnd } from "../../job-end.ts";
import { type Answer, isOpen, type JobProgress, shardAt, shardRowCount } from "../../job-progress.ts";
import { decideLeases } from "../../lease-rules.ts";
import { mergeOutputs } from "../../merge.ts";
import { refundFor } from "../../settlement.ts";
import { isDisputed, rowsOfCheck } from "../../shard-state.ts";
import { sampleJob } from "../../testing/sample-ids.ts";
import { planVerification } from "../../verification-plan.ts";
import { readEvidence } from "../read-evidence.ts";
import type { ReceiptMaterial } from "../receipt-material.ts";
import { listEpochs, renderReceipt } from "../render-receipt.ts";
import { startOf } from "../replay-log.ts";

/** What a runner adds to the rows of a task; 0 is honest. It knows the rows, and not why it computes them. */
type Conduct = (shard: number, rows: readonly number[]) => number;
const honest: Conduct = () => 0;

export interface StoryOptions {
  /** Names the job. */
  n?: number;
  rows?: number;
  shard_rows?: number;
  /** How it is checked, as a client asks. */
  verification?: unknown;
  merge?: Merge;
  joint?: boolean;
  datatype?: "FP32" | "INT32";
  /** Numbers in a row; 1,100 make rows so large that each is a leaf of its own. */
  width?: number;
  /** Runners that take work, in the order in which they ask for it. */
  runners?: number;
  /** Trusted referees beside them. */
  referees?: number;
  conduct?: Readonly<Record<number, Conduct>>;
  groups?: (runner: number) => string[];
  /** Audits that a runner has passed before. */
  passed?: number;
  /** From 0 to below 1: whether runners are tested when they ask for work. */
  chance?: number;
}

const CREDIT = Unit.parse("credit");
const EXECUTION_CLASS = "onnx/1.30.0/cpu/fp32";
const START_MS = 2_900_000 * TEST_EPOCH_MS + 1_000;

/** A job as an aggregator would run it, with real keys, trees, draws and rules; its clock moves with every submission. */
export class ReceiptStory {
  readonly network: TestNetwork;
  readonly signers: TestSigner[];
  readonly #silent = new Set<number>();
  roster: Roster;
  readonly job: ReceiptJob;
  readonly log: LogEntry[] = [];
  readonly outputs = new Map<LeaseId, Tensor[]>();
  progress: JobProgress;
  now_ms = START_MS;
  /** Whether runners are tested when they ask for work: from 0 to below 1. */
  chance: number;
  /** The result's bytes, as they were delivered last. */
  result: Bytes | null = null;
  readonly #options: Required<Pick<StoryOptions, "conduct" | "datatype" | "passed" | "width">>;

  private constructor(network: TestNetwork, signers: TestSigner[], job: ReceiptJob, options: StoryOptions) {
    const {
      runners = 4,
      groups = () => [],
      passed = 100,
      conduct = {},
      chance = 0.5,
      datatype = "FP32",
      width = 2,
    } = options;
    this.network = network;
    this.signers = signers;
    this.job = job;
    this.#options = { conduct, datatype, passed, width };
    this.chance = chance;
    this.roster = {
      runners: signers
        .map(({ id }, n) => ({ id, weight: 1, groups: groups(n), passed, referee: n >= runners }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
    this.progress = startOf(job);
  }

  static async begin(options: StoryOptions = {}): Promise<ReceiptStory> {
    const {
      rows = 16,
      shard_rows = 4,
      runners = 4,
      referees = 0,
      joint = false,
      datatype = "FP32",
    } = options;
    const network = await createTestNetwork();
    const signers = await Promise.all(
      Array.from({ length: runners + referees }, (_, n) => createTestSigner(n + 1)),
    );
    const verification = Verification.parse(options.verification ?? { mode: "audit" });
    const outputs: TensorSpec[] = [{ name: "y", datatype, shape: [null, options.width ?? 2] }];
    const input = rowsTensor(
      "x",
      datatype,
      Array.from({ length: rows }, (_, row) => row),
      1,
    );
    const { name, shape, data } = input;
    const job: ReceiptJob = {
      id: sampleJob(options.n ?? 1),
      created_ms: START_MS,
      deadline_ms: START_MS + 3_600_000,
      model: await sha256(new TextEncoder().encode("a model")),
      outputs,
      inputs: [{ name, datatype, shape, sha256: await sha256(data) }],
      rows,
      shard_rows,
      shards: Math.ceil(rows / shard_rows),
      merge: options.merge ?? "concat",
      verification,
      plan: planVerification(verification, shard_rows, joint),
      price: { unit: CREDIT, escrow: null, quoted_micro: "1000", priced_rows: rows, fee_bps: 100 },
    };
    return new ReceiptStory(network, signers, job, options);
  }

  id(n: number): RunnerId {
    const signer = this.signers[n];
    if (signer === undefined) throw new RangeError(`there is no runner ${n}`);
    return signer.id;
  }

  record(fact: JobFact): void {
    const entry = { seq: this.progress.seq + 1, at_ms: this.now_ms, fact };
    this.progress = applyFact(this.progress, fact, entry.seq, entry.at_ms);
    this.log.push(entry);
  }

  /** Has everybody work until the job, or its recall, is over, and closes it. */
  async run(): Promise<this> {
    for (let idle = 0; this.end() === null && idle < 10; idle += 1) {
      for (const [n] of this.signers.entries()) {
        const tasks = this.isSilent(n) ? [] : this.ask(n);
        if (tasks.length === 0) continue;
        idle = 0;
        await this.work(n, tasks);
        this.draw();
        if (this.end() !== null) break;
      }
      // Long enough for whoever was drawn and is silent to be passed over.
      if (idle > 0) this.now_ms += 20_000;
      this.draw();
    }
    return this.close();
  }

  /** A runner that can be drawn and never asks for work. */
  silence(n: number): this {
    this.#silent.add(n);
    return this;
  }

  isSilent(n: number): boolean {
    return this.#silent.has(n);
  }

  /** Everybody has passed so many audits by now. */
  grow(passed: number): this {
    this.roster = { runners: this.roster.runners.map((entry) => ({ ...entry, passed })) };
    return this;
  }

  /** As many honest runners more as that. */
  async join(count: number): Promise<this> {
    for (let n = 0; n < count; n += 1) {
      const signer = await createTestSigner(this.signers.length + 1);
      this.signers.push(signer);
      const entry = { id: signer.id, weight: 1, groups: [], passed: this.#options.passed, referee: false };
      this.roster = { runners: [...this.roster.runners, entry].sort((a, b) => (a.id < b.id ? -1 : 1)) };
    }
    return this;
  }

  end() {
    return decideEnd(this.progress, this.now_ms, this.job.deadline_ms);
  }

  /** What the rules give a runner now. */
  ask(n: number): Task[] {
    const runner = this.id(n);
    const referee = this.roster.runners.some((entry) => entry.id === runner && entry.referee);
    const { passed } = this.#options;
    const { chance } = this;
    const { deadline_ms } = this.job;
    const asked = { runner, leases_max: 4, runners: this.signers.length, passed, referee, chance };
    return decideLeases(this.progress, { ...asked, now_ms: this.now_ms, deadline_ms });
  }

  /** Leases tasks to a runner and has it answer all of them in one submission. */
  async work(n: number, tasks: Task[]): Promise<void> {
    const runner = this.id(n);
    const grant = formatGrant((this.progress.seq + 1).toString(16).padStart(32, "0"));
    this.record({ kind: "leased", runner, grant, tasks, expires_ms: this.now_ms + 15_000 });
    this.now_ms += 700;
    const results: CommittedResult[] = [];
    for (const [index, task] of tasks.entries())
      results.push(await this.#answer(n, task, formatLeaseId(partitionOf(this.job.id), grant, index)));
    const source = this.job.plan.auditors === 0 ? null : this.source();
    this.record(decideCommitted(this.progress, runner, results, source, this.now_ms));
  }

  /** Leases tasks to a runner, which does not make them: it fails, gives them back or is never heard of again. */
  lose(n: number, tasks: Task[], reason: "failed" | "handed_back" | "expired"): void {
    const runner = this.id(n);
    const grant = formatGrant((this.progress.seq + 1).toString(16).padStart(32, "0"));
    this.record({ kind: "leased", runner, grant, tasks, expires_ms: this.now_ms + 15_000 });
    this.now_ms += reason === "expired" ? 15_000 : 300;
    const code = reason === "failed" ? "engine_crashed" : null;
    const shards = tasks.map(({ shard }) => shard);
    this.record({ kind: "returned", runner, reason, shards, code, detail: code && "it broke" });
  }

  /** Ends a job that is not over, as if nobody had come any more until its deadline. */
  expire(): this {
    this.now_ms = Math.max(this.now_ms, this.job.deadline_ms);
    const code = this.end()?.kind === "failed" ? "shard_failed" : "deadline_exceeded";
    const error = { type: `/errors/${code}`, title: code, status: 503, detail: "", code, hint: "" };
    const kind = code === "shard_failed" ? "failed" : "expired";
    this.record({ kind, error: { ...error, request_id: null, retryable: true } });
    return this;
  }

  source(): DrawSource {
    const epoch = Math.floor(this.now_ms / TEST_EPOCH_MS);
    return {
      roster: this.roster,
      digest: rosterDigest(this.roster),
      epoch,
      seed: this.network.seedOf(epoch),
    };
  }

  draw(): void {
    for (;;) {
      const fact = decideDrawn(this.progress, this.source(), this.now_ms);
      if (fact === null) return;
      this.record(fact);
    }
  }

  /** Ends the job or its recall as the rules say. Throws when it is not over. */
  async close(): Promise<this> {
    const end = this.end();
    if (end?.kind === "complete") await this.#deliver((result) => ({ kind: "succeeded", result }));
    else if (end?.kind === "recall_over" && end.shards.length === 0) this.record({ kind: "upheld" });
    else if (end?.kind === "recall_over") {
      const refund_micro = refundFor(this.progress, this.job.price, end.shards).toString();
      await this.#deliver((result) => ({ kind: "revoked", shards: end.shards, result, refund_micro }));
    } else throw new Error(`the job is not over: ${end?.kind ?? "nothing more happens"}`);
    return this;
  }

  /** @param thorough whether its answers are computed anew */
  recall(n: number, thorough = false): this {
    this.now_ms += 60_000;
    this.record({ kind: "recalled", runner: this.id(n), convicted_in: sampleJob(9_999), thorough });
    this.draw();
    return this;
  }

  /** Whether a runner has answered something in a job that is open, and has not contradicted itself yet. */
  mayContradict(n: number): boolean {
    const runner = this.id(n);
    const hasAnswered = this.log.some(({ fact }) => fact.kind === "committed" && fact.runner === runner);
    return hasAnswered && isOpen(this.progress) && !this.progress.contradictions.has(runner);
  }

  /** A runner signs another root for the lease that it answered first, over rows that no honest runner would hand in. */
  async contradict(n: number): Promise<this> {
    const runner = this.id(n);
    const signer = this.signers[n];
    const answers = this.log.flatMap(({ fact }) =>
      fact.kind === "committed" && fact.runner === runner ? fact.results : [],
    );
    const [answer] = answers;
    if (signer === undefined || answer === undefined) throw new Error(`${runner} has answered nothing`);
    const { shard, lease_id, rows, leaf_rows } = answer;
    const { datatype, width } = this.#options;
    const other = rowsTensor(
      "y",
      datatype,
      Array.from({ length: rows }, (_, row) => -2 - row),
      width,
    );
    const commitment = await signCommitment(signer, this.#boundTo({ shard, lease_id }), [other], leaf_rows);
    const fact = findContradiction(this.progress, runner, {
      ...{ shard, lease_id, execution_class: EXECUTION_CLASS },
      ...commitment,
    });
    if (fact === null) throw new Error("it is no contradiction");
    this.record(fact);
    this.draw();
    return this;
  }

  async material(): Promise<ReceiptMaterial> {
    const evidence = await readEvidence(this.job, this.log, async ({ result }) =>
      this.#output(result.lease_id),
    );
    const epochs = await Promise.all(listEpochs(this.log).map((epoch) => this.network.announce(epoch)));
    return {
      network: this.network.id,
      job: this.job,
      log: this.log,
      epochs: new Map(epochs.map((epoch) => [epoch.epoch, epoch])),
      ...evidence,
    };
  }

  async receipt(): Promise<Receipt> {
    const receipt = renderReceipt(await this.material());
    if (receipt === null) throw new Error("the job is not over");
    return receipt;
  }

  /** The receipt of a job in which everybody had committed otherwise, by keys of their own. */
  async recommit(change: (result: CommittedResult) => CommittedResult): Promise<Receipt> {
    for (const [n, entry] of this.log.entries()) {
      if (entry.fact.kind !== "committed") continue;
      const { runner, results } = entry.fact;
      const signer = this.signers.find(({ id }) => id === runner);
      if (signer === undefined) throw new Error(`${runner} has no key here`);
      const again = results.map(async (result) => {
        const changed = change(result);
        const commitment = await signCommitment(
          signer,
          this.#boundTo(changed),
          this.#output(result.lease_id),
          changed.leaf_rows,
        );
        return { ...changed, ...commitment };
      });
      this.log[n] = { ...entry, fact: { ...entry.fact, results: await Promise.all(again) } };
    }
    return this.receipt();
  }

  async signed(): Promise<SignedReceipt> {
    return this.network.sign(await this.receipt());
  }

  async #answer(n: number, task: Task, lease_id: LeaseId): Promise<CommittedResult> {
    const signer = this.signers[n];
    if (signer === undefined) throw new RangeError(`there is no runner ${n}`);
    const { shard_rows } = this.job;
    const { shard, role, of } = task;
    const rows = this.#rowsOf(task, lease_id);
    const error = (this.#options.conduct[n] ?? honest)(shard, rows);
    const values = rows.map((row) => shard * shard_rows + row + error);
    const outputs = [rowsTensor("y", this.#options.datatype, values, this.#options.width)];
    this.outputs.set(lease_id, outputs);
    const bytes = encodeTensors(outputs);
    return {
      shard,
      role,
      of,
      lease_id,
      rows: rows.length,
      ...(await signCommitment(signer, this.#boundTo({ shard, lease_id }), outputs)),
      output_sha256: await sha256(bytes),
      output_bytes: bytes.length,
      blob: false,
      execution_class: EXECUTION_CLASS,
      compute_ms: 1.5,
      comparisons: this.#compare(task, rows, outputs),
    };
  }

  #boundTo({ shard, lease_id }: Pick<CommittedResult, "shard" | "lease_id">) {
    const { id: job_id, model } = this.job;
    return { network: this.network.id, job_id, shard, lease_id, model, execution_class: EXECUTION_CLASS };
  }

  #rowsOf({ shard, role }: Task, lease_id: LeaseId): number[] {
    const { plan, shards } = this.progress;
    const { checks } = shardAt(shards, shard);
    const check = checks.find(({ lease }) => lease === lease_id);
    if (role !== "compute" && check !== undefined) return rowsOfCheck(plan, shard, checks, check);
    return Array.from({ length: shardRowCount(plan, shard) }, (_, row) => row);
  }

  #compare({ shard, role, of }: Task, rows: number[], mine: Tensor[]): Comparison[] {
    const { answer, checks, delivered } = shardAt(this.progress.shards, shard);
    const disputed = checks.find((check) => check.runner === of && isDisputed(check))?.answer;
    const against = (other: Answer | null | undefined, ranges: number[] | null): Comparison[] => {
      if (other == null) return [];
      const whole = this.#output(other.lease_id);
      const theirs = ranges === null ? whole : whole.map((one) => gatherRows(one, ranges.map(single)));
      return [{ with: other.runner, ...compareTensors(mine, theirs) }];
    };
    if (role === "compute") return against(delivered, null);
    return [...against(answer, rows), ...(role === "referee" ? against(disputed, null) : [])];
  }

  #output(lease_id: LeaseId): Tensor[] {
    const outputs = this.outputs.get(lease_id);
    if (outputs === undefined) throw new Error(`${lease_id} was never answered`);
    return outputs;
  }

  async #deliver(
    factOf: (result: NonNullable<Extract<JobFact, { kind: "succeeded" }>["result"]>) => JobFact,
  ) {
    const { merge, outputs } = this.job;
    const shards = this.progress.shards.map(({ answer }) => this.#output(answer?.lease_id as LeaseId));
    const merged = mergeOutputs(merge, outputs, shards);
    this.result = merged.kind === "list" ? merged.json : encodeTensors(merged.tensors);
    this.record(
      factOf({
        url: `https://edge.test/jobs/${this.job.id}/result`,
        sha256: await sha256(this.result),
        bytes: this.result.length,
        content_type: merged.kind === "list" ? "application/json" : "application/cbor",
        outputs: [],
        expires_at: renderInstant(this.now_ms + 172_800_000),
      }),
    );
  }
}

const single = (row: number) => ({ start: row, count: 1 });

/** Each row has its value plus one and its double, in turn; of floats, thirds of them. */
function rowsTensor(
  name: string,
  datatype: "FP32" | "INT32",
  values: readonly number[],
  width: number,
): Tensor {
  const numbers = values.flatMap((value) =>
    Array.from({ length: width }, (_, n) => ((value + 1) * ((n % 2) + 1)) / (datatype === "FP32" ? 3 : 1)),
  );
  const data = bytesOf(datatype === "FP32" ? Float32Array.from(numbers) : Int32Array.from(numbers));
  return { name, datatype, shape: [values.length, width], data };
}

/** Equal bytes match; floats that differ by less than a hundredth are unclear. */
function compareTensors([mine]: Tensor[], [theirs]: Tensor[]): Omit<Comparison, "with"> {
  if (mine === undefined || theirs === undefined) throw new Error("there is nothing to compare");
  const [a, b] = [mine, theirs].map(({ datatype, data }) =>
    numbersOf(datatype === "INT32" ? datatype : "FP32", data),
  );
  let deviation = 0;
  for (const [i, value] of Array.from(a ?? []).entries())
    deviation = Math.max(deviation, Math.abs(value - (b?.[i] ?? Number.NaN)));
  const zone: Zone = deviation === 0 ? "match" : deviation < 0.01 ? "unclear" : "fraud";
  return { zone, deviation, angle: deviation, rows_differing: null };
}
