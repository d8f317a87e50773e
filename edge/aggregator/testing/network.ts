import { env, runInDurableObject } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { planVerification } from "@infernet/protocol/verification-plan";
import { Sha256 } from "@infernet/schemas/digest";
import {
  type AccountId,
  formatAccountId,
  formatJobId,
  formatPartition,
  type RunnerId,
} from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { JobFact } from "@infernet/schemas/job-fact";
import { JobRecord } from "@infernet/schemas/job-record";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import { type Capability, type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { concatRows } from "@infernet/schemas/tensor-rows";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { signCommitment, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { Verification } from "@infernet/schemas/verification";
import { uuidv7 } from "uuidv7";
import { openCatalog } from "../../catalog/open-catalog.ts";
import { bucketOf } from "../../dispatcher/buckets.ts";
import type { Standing } from "../../dispatcher/standing.ts";
import { loadNetworkKey } from "../../network/network-key.ts";
import { unwrap } from "../../rpc.ts";
import { CAPABILITY } from "../../testing/test-exchange.ts";

const PARTITION = formatPartition(7);
export const CLIENT: AccountId = formatAccountId(uuidv7());

/** One object for all of a test's jobs, on whatever day the test's clock makes them. */
export const aggregator = () => env.AGGREGATOR.getByName("test");

/** FP32 rows of two values: row r is [r, r + offset]. */
export function rowsTensor(name: string, start: number, count: number, offset = 0): Tensor {
  const values = new Float32Array(count * 2);
  for (let row = 0; row < count; row += 1) values.set([start + row, start + row + offset], row * 2);
  return { name, datatype: "FP32", shape: [count, 2], data: new Uint8Array(values.buffer) };
}

const file = { path: "pairs.onnx", sha256: Sha256.parse("b".repeat(64)), bytes: 1 };
const PAIRS: ModelManifest = ModelManifest.parse({
  engine: "onnx",
  entry: file.path,
  files: [file],
  inputs: [{ name: "x", datatype: "FP32", shape: [null, 2] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [null, 2] }],
});
const PAIRS_DIGEST = await manifestDigest(PAIRS);

/** Has the catalog know the model of the jobs here. */
export async function registerPairs(): Promise<void> {
  const work = { kind: "declared", reason: "there is no file" } as const;
  const named = { name: null, account_id: CLIENT, now_ms: Date.now() };
  await openCatalog(env).register({ digest: PAIRS_DIGEST, manifest: PAIRS, work, ...named });
}

/** A job over rows of two floats, cut into shards of two rows and not checked unless said otherwise. */
export function newJob(changes: Partial<NewJob["record"]> = {}, rest: Partial<NewJob> = {}): NewJob {
  const rows = changes.rows ?? 8;
  const shard_rows = changes.shard_rows ?? 2;
  const now_ms = Date.now();
  const verification = Verification.parse(changes.verification ?? { mode: "none" });
  const record = JobRecord.parse({
    id: formatJobId(PARTITION, uuidv7()),
    account_id: CLIENT,
    origin: "http://edge.test",
    created_ms: now_ms,
    deadline_ms: now_ms + 600_000,
    model: { digest: PAIRS_DIGEST, name: "pairs" },
    engine: "onnx",
    memory_bytes: 0,
    outputs: PAIRS.outputs,
    inputs: [{ name: "x", datatype: "FP32", shape: [rows, 2] }],
    rows,
    shard_rows,
    shards: Math.ceil(rows / shard_rows),
    row_cost_us: 1_000,
    merge: "concat",
    verification,
    plan: planVerification(verification, shard_rows, false),
    requirements: {},
    offer: null,
    price: { unit: "credit", escrow: null, quoted_micro: "1000", priced_rows: rows, fee_bps: 100 },
    webhook: null,
    metadata: {},
    ...changes,
  });
  return { record, input: encodeTensors([rowsTensor("x", 0, rows)]), idempotency: null, ...rest };
}

/** Has dispatchers know these runners, as registering would. */
export async function introduce(
  runners: readonly Pick<TestSigner, "id">[],
  standing: Partial<Standing> = {},
  capability: Capability = CAPABILITY,
): Promise<void> {
  for (const { id } of runners)
    await bucketOf(env, id).introduce(id, capability, {
      duty: "work",
      passed: LIMITS.probation_audits,
      groups: [],
      cores: null,
      ban: null,
      ...standing,
    });
}

/** The rows that a lease names, for the model y = x, plus `error` where its runner cheats. */
export const computeLease = (lease: Lease, error = 0): Tensor =>
  concatRows(lease.rows.map(({ start, count }) => rowsTensor("y", start, count, error)));

/** The signed answer of a runner that has computed these outputs, or those of the model y = x plus `error`. */
export async function answerLease(
  runner: TestSigner,
  lease: Lease,
  error: number | Tensor[] = 0,
  execution_class = "onnx/1.30.0/cpu/fp32",
): Promise<ShardDone> {
  const { id: lease_id, job_id, shard, model } = lease;
  const outputs = typeof error === "number" ? [computeLease(lease, error)] : error;
  const { id: network } = await loadNetworkKey(env);
  const bound = { network, job_id, shard, lease_id, model, execution_class };
  const commitment = await signCommitment(runner, bound, outputs);
  return { lease_id, job_id, shard, outcome: "done", execution_class, compute_ms: 1, outputs, ...commitment };
}

interface Asking {
  leases_max?: number;
  runners?: number;
  referee?: boolean;
  classes?: readonly string[];
}

/** Leases for a runner, as many as it may get. */
export async function takeLeases(
  job: NewJob,
  runner: TestSigner,
  { leases_max = LIMITS.leases_per_poll_max, runners = 1, referee = false, classes }: Asking = {},
): Promise<Lease[]> {
  const known = classes === undefined ? {} : { classes };
  const asked = { job_id: job.record.id, runner: runner.id, leases_max, runners, ...known };
  const { leases } = await aggregator().lease({ ...asked, passed: LIMITS.probation_audits, referee });
  return leases;
}

/** How a runner answers: what it adds to the rows of a lease. */
export type Conduct = (lease: Lease) => number;
export const honest: Conduct = () => 0;

/** Has a runner take what it may get and answer it. The number of its leases. */
export async function work(
  job: NewJob,
  runner: TestSigner,
  conduct: Conduct = honest,
  asking: Asking = {},
): Promise<number> {
  const leases = await takeLeases(job, runner, asking);
  if (leases.length > 0)
    await aggregator().submit(
      runner.id,
      await Promise.all(leases.map((lease) => answerLease(runner, lease, conduct(lease)))),
    );
  return leases.length;
}

/** Has honest runners take and answer leases until none is left to take. */
export async function workOff(job: NewJob, ...runners: TestSigner[]): Promise<void> {
  for (let idle = 0; idle < runners.length; ) {
    for (const runner of runners) {
      idle = (await work(job, runner)) === 0 ? idle + 1 : 0;
    }
  }
}

/** Who works on a job, and how. */
export interface Worker {
  runner: TestSigner;
  conduct?: Conduct;
  referee?: boolean;
}

/** Has everybody work, again and again, until the job, or what it does, is as awaited. */
export async function workUntil(
  job: NewJob,
  workers: readonly Worker[],
  isAwaited: (job: Job) => boolean = ({ state }) => state === "succeeded",
): Promise<Job> {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    let taken = 0;
    for (const { runner, conduct, referee } of workers)
      taken += await work(job, runner, conduct, referee ? { referee } : {});
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    if (isAwaited(view)) return view;
    // What is drawn beside the answers comes a moment later.
    if (taken === 0) await aggregator().events(CLIENT, job.record.id, Number.MAX_SAFE_INTEGER, 20);
  }
  const { state, error, progress } = unwrap(await aggregator().read(CLIENT, job.record.id));
  throw new Error(`the job is ${state} after ${TURNS_MAX} turns: ${JSON.stringify({ error, progress })}`);
}

const TURNS_MAX = 60;

/** A job's log, from the object's storage. */
export const readFacts = (job: NewJob): Promise<JobFact[]> =>
  runInDurableObject(aggregator(), (_, { storage }) =>
    storage.sql
      .exec("SELECT body FROM facts WHERE job_id = ? ORDER BY seq", job.record.id)
      .toArray()
      .map(({ body }) => JobFact.parse(JSON.parse(String(body)))),
  );

/** Who was drawn, in order. */
export async function readDrawn(job: NewJob): Promise<RunnerId[]> {
  const facts = await readFacts(job);
  return facts.flatMap((fact) => ("draws" in fact ? fact.draws : [])).flatMap(({ runners }) => runners);
}

export const rowsOf = (leases: readonly Lease[]): number =>
  leases.reduce((sum, { rows }) => sum + rowsIn(rows), 0);
