import { z } from "zod";
import { NetworkId, Signature } from "./commitment.ts";
import { Sha256 } from "./digest.ts";
import { LeaseSealing, SealingKey } from "./encryption.ts";
import { ExecutionClass } from "./execution-class.ts";
import { JobId, LeaseId, RunnerId, ShardIndex } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { LeaseGeneration } from "./llm/lease-generation.ts";
import { Engine } from "./model.ts";
import { MicroAmount } from "./money.ts";
import { PeerRecordText } from "./peer/peer-record-text.ts";
import { SandboxLevel } from "./sandbox.ts";
import { Tensor, TensorBlob } from "./tensor.ts";

export const ExecutionProvider = z.enum(["cpu", "webgpu", "cuda"]).meta({ id: "ExecutionProvider" });
export type ExecutionProvider = z.infer<typeof ExecutionProvider>;

export const EngineOffer = z.strictObject({
  engine: Engine,
  version: z.string().max(64),
  execution_provider: ExecutionProvider,
  /** File formats it opens, as in `onnx`; of `openai` the models that its server has, by the server's names. */
  formats: z.array(z.string().max(LIMITS.served_model_chars_max)).min(1).max(LIMITS.formats_per_engine_max),
  /** What models are held to while it runs them. */
  sandbox: SandboxLevel,
});
export type EngineOffer = z.infer<typeof EngineOffer>;

/** One GPU, as far as its driver tells: what it does not tell is absent. */
export const Gpu = z.strictObject({
  name: z.string().max(128),
  vram_bytes: z.int().min(0),
  cuda_cores: z.int().min(1).max(1_000_000).optional(),
  /** As NVIDIA numbers them: `8.9`. */
  compute_capability: z
    .string()
    .regex(/^\d{1,2}\.\d{1,2}$/, "is not a compute capability such as 8.9")
    .optional(),
  /** In theory: what the memory's clock and the width of its bus come to. */
  memory_bandwidth_bytes_per_s: z.int().min(1).optional(),
  driver: z.string().max(64).optional(),
});
export type Gpu = z.infer<typeof Gpu>;

/** Where a machine is, as people name places: `eu-west`, `us`. */
export const Region = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "is not a region such as eu-west");
export type Region = z.infer<typeof Region>;

/** What a machine says it can do. Self-reported: it decides what is offered; cores are believed as far as a challenge has measured them. */
export const Capability = z
  .strictObject({
    engines: z.array(EngineOffer).min(1).max(16),
    memory_bytes: z.int().min(1),
    cpu_cores: z.int().min(1).max(4_096),
    gpus: z.array(Gpu).max(64),
    cpu_model: z.string().max(128).optional(),
    /** Free where models and inputs are kept. */
    disk_free_bytes: z.int().min(0).optional(),
    /** Measured by the machine itself against this edge. */
    network: z.strictObject({ down_bytes_per_s: z.int().min(1), up_bytes_per_s: z.int().min(1) }).optional(),
    region: Region.optional(),
    /** What it asks for an hour of a reference core, in micro-units: it is offered nothing that pays less. */
    asking_micro_per_core_hour: MicroAmount.optional(),
  })
  .meta({ id: "Capability" });
export type Capability = z.infer<typeof Capability>;

/** `POST /runner/register`: signed by the key that the runner's id spells. */
export const RunnerRegistration = z
  .strictObject({
    version: z.string().max(64),
    name: z.string().max(64).optional(),
    /** Who runs it, in words of its own: machines of one owner never check each other. */
    owner: z.string().min(1).max(LIMITS.owner_chars_max).optional(),
    /** Where its earnings go: machines of one payout address never check each other. */
    payout: z.string().min(1).max(LIMITS.owner_chars_max).optional(),
    /** Whether it offers to decide disagreements and nothing else, which the operator must trust it to do. */
    referee: z.boolean().default(false),
    /** What clients seal to for it; without one it is given no sealed jobs. */
    sealing_key: SealingKey.optional(),
    /** Its record in the network of peers, for those who read of it here. One that does not hold is left out, with a warning. */
    peer_record: PeerRecordText.optional(),
    capability: Capability,
  })
  .meta({ id: "RunnerRegistration" });
export type RunnerRegistration = z.infer<typeof RunnerRegistration>;

/** `POST /runner/poll`: asks for up to `leases_max` leases and waits up to `wait_ms` for the first. */
export const PollRequest = z
  .strictObject({
    leases_max: z.int().min(1).max(LIMITS.leases_per_poll_max),
    wait_ms: z.int().min(0).max(LIMITS.poll_wait_ms_max),
  })
  .meta({ id: "PollRequest" });
export type PollRequest = z.infer<typeof PollRequest>;

/** An input of a lease: this shard's rows themselves, or the blob that holds all rows of the job. */
export const LeaseInput = z.union([Tensor, TensorBlob]);
export type LeaseInput = Tensor | TensorBlob;

/** Rows of a job from `start`, counted from 0. */
export const RowRange = z.strictObject({ start: z.int().min(0), count: z.int().min(1) });
export type RowRange = z.infer<typeof RowRange>;

/**
 * The exclusive right to rows of a shard until `expires_ms`, renewed by heartbeat. Whether they are computed for the
 * first time or checked it does not say.
 */
export const Lease = z.strictObject({
  id: LeaseId,
  job_id: JobId,
  shard: ShardIndex,
  model: Sha256,
  /** Rows of the job to compute, in ascending order; inline inputs hold exactly these, one after the other. */
  rows: z.array(RowRange).min(1).max(LIMITS.row_ranges_per_lease_max),
  inputs: z.array(LeaseInput).min(1).max(LIMITS.tensors_per_message_max),
  /** Of a sealed job: inputs are sealed, and outputs have to be. */
  sealing: LeaseSealing.optional(),
  /** Whether peers may have inputs that are blobs from its holder, and the holder from them. */
  share_inputs: z.literal(true).optional(),
  /** Of a model that generates text: how its rows are to be worked. */
  generation: LeaseGeneration.optional(),
  /** Unix time in milliseconds, by the edge's clock. */
  expires_ms: z.int(),
  lease_ms: z.int(),
  deadline_ms: z.int(),
});
export type Lease = z.infer<typeof Lease>;

/** The answer to a poll, in the binary form. */
export const PollResponse = z.strictObject({ leases: z.array(Lease), now_ms: z.int() });
export type PollResponse = z.infer<typeof PollResponse>;

/**
 * Why a runner could not compute a shard. The first six are the job's own fault and will recur anywhere; the last, for
 * what the edge would not take, says nothing about the job. `fuel_exhausted`: it took more instructions than its manifest
 * allows. `sandbox_violation`: the workload was ended for what it tried to do.
 */
export const FailureCode = z
  .enum([
    "model_unloadable",
    "input_mismatch",
    "output_mismatch",
    "engine_error",
    "fuel_exhausted",
    "sandbox_violation",
    "engine_crashed",
    "engine_timeout",
    "out_of_memory",
    "fetch_failed",
    "output_refused",
  ])
  .meta({ id: "FailureCode" });
export type FailureCode = z.infer<typeof FailureCode>;

const ofLease = { lease_id: LeaseId, job_id: JobId, shard: ShardIndex };

export const ShardDone = z.strictObject({
  ...ofLease,
  outcome: z.literal("done"),
  execution_class: ExecutionClass,
  /** Time in the engine alone, in milliseconds. */
  compute_ms: z.number().min(0).max(86_400_000),
  /** One tensor for each output of the model, or the sha256 of a blob that holds them as `{ tensors }` in binary form. */
  outputs: z.union([z.array(Tensor).min(1).max(LIMITS.tensors_per_message_max), Sha256]),
  /** The commitment to these outputs: see `commitmentRoot`. */
  root: Sha256,
  leaf_rows: z.int().min(1),
  /** The runner's signature over `commitmentStatement`. */
  signature: Signature,
});
export type ShardDone = z.infer<typeof ShardDone>;

export const ShardFailed = z.strictObject({
  ...ofLease,
  outcome: z.literal("failed"),
  code: FailureCode,
  detail: z.string().max(LIMITS.failure_detail_chars_max),
});
export type ShardFailed = z.infer<typeof ShardFailed>;

/** The runner gives the shard back unworked, because it is stopping. */
export const ShardHandedBack = z.strictObject({ ...ofLease, outcome: z.literal("handed_back") });
export type ShardHandedBack = z.infer<typeof ShardHandedBack>;

export const ShardResult = z.discriminatedUnion("outcome", [ShardDone, ShardFailed, ShardHandedBack]);
export type ShardResult = z.infer<typeof ShardResult>;

/** `POST /runner/results`, in the binary form: one or several shards, of one or several jobs. */
export const Submission = z.strictObject({
  results: z.array(ShardResult).min(1).max(LIMITS.leases_per_runner_max),
});
export type Submission = z.infer<typeof Submission>;

/**
 * What became of one result. `accepted`: stored. `duplicate`: this runner's answer was stored before. `late`: the lease
 * was lost and the shard no longer needs this answer. `refused`: `code` says which rule it broke.
 */
export const SubmissionReceipt = z
  .strictObject({
    lease_id: LeaseId,
    status: z.enum(["accepted", "duplicate", "late", "refused"]),
    code: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "SubmissionReceipt" });
export type SubmissionReceipt = z.infer<typeof SubmissionReceipt>;

export const SubmissionResponse = z
  .strictObject({ receipts: z.array(SubmissionReceipt) })
  .meta({ id: "SubmissionResponse" });
export type SubmissionResponse = z.infer<typeof SubmissionResponse>;

/** `POST /runner/heartbeat`: renews the named leases. */
export const Heartbeat = z
  .strictObject({
    leases: z.array(z.strictObject({ lease_id: LeaseId, job_id: JobId })).max(LIMITS.leases_per_runner_max),
  })
  .meta({ id: "Heartbeat" });
export type Heartbeat = z.infer<typeof Heartbeat>;

export const HeartbeatResponse = z
  .strictObject({
    renewed: z.array(z.strictObject({ lease_id: LeaseId, expires_ms: z.int() })),
    /** Leases that are gone: stop working on them. */
    lost: z.array(LeaseId),
  })
  .meta({ id: "HeartbeatResponse" });
export type HeartbeatResponse = z.infer<typeof HeartbeatResponse>;

/** `POST /runner/register` answers with this. */
export const RunnerWelcome = z
  .strictObject({
    runner_id: RunnerId,
    /** The network that commitments are made for. */
    network: NetworkId,
    now_ms: z.int(),
    poll_wait_ms: z.int(),
    warnings: z.array(z.string()),
  })
  .meta({ id: "RunnerWelcome" });
export type RunnerWelcome = z.infer<typeof RunnerWelcome>;

export const rowsIn = (ranges: readonly RowRange[]): number =>
  ranges.reduce((sum, { count }) => sum + count, 0);
