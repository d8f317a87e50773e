import { explainUnchecked } from "@infernet/protocol/llm/explain-unchecked";
import type { Need } from "@infernet/protocol/match";
import { assertMergeable } from "@infernet/protocol/merge";
import { quotePrice } from "@infernet/protocol/price";
import { chooseShardRows, shardCount } from "@infernet/protocol/split";
import { computeFactor, expectedAuditors, planVerification } from "@infernet/protocol/verification-plan";
import type { ProviderEncryption } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import { parseInstant } from "@infernet/schemas/instant";
import type { JobRequest, TensorSource } from "@infernet/schemas/job";
import type { JobRecord } from "@infernet/schemas/job-record";
import { Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { Engine, Model } from "@infernet/schemas/model";
import { type Micro, type MicroAmount, parseMicro, renderMicro } from "@infernet/schemas/money";
import type { PriceTerms } from "@infernet/schemas/price";
import type { Tensor, TensorBlob } from "@infernet/schemas/tensor";
import { assertInputs } from "@infernet/schemas/tensor-check";
import { parseTensorJson } from "@infernet/schemas/tensor-json";
import type { Verification, VerificationPlan } from "@infernet/schemas/verification";
import { needOf } from "../aggregator/need-of.ts";
import { resolveModel } from "../catalog/resolve-model.ts";
import type { Fleet } from "../dispatcher/exchange.ts";
import { assertSealed, sealingOf } from "./check-encryption.ts";
import { feeBps } from "./fee-bps.ts";
import { chooseGenerationShardRows, planGeneration } from "./plan-generation.ts";
import { readFleet } from "./read-fleet.ts";
import { readRates } from "./read-rates.ts";
import { requirementsOf } from "./requirements-of.ts";
import { typicalPassed } from "./typical-passed.ts";
import { type JobWork, weighWork } from "./weigh-work.ts";

/** A request that fits its model, cut and priced; nothing of it is stored. */
export interface JobPlan extends JobWork {
  model: Model;
  inputs: (Tensor | TensorBlob)[];
  /** How they are sealed; null when they are not. */
  sealing: ProviderEncryption | null;
  rows: number;
  shard_rows: number;
  shards: number;
  verification: VerificationPlan;
  /** Auditors that an answer will probably have had by the end. */
  auditors: number;
  deadline_ms: number;
  price: PriceTerms;
  /** How it is delivered; null where the model generates no text. */
  generation: NonNullable<JobRecord["generation"]> | null;
  /** What the job pays for an hour of a reference core. */
  micro_per_core_hour: MicroAmount;
  requirements: JobRequest["requirements"];
  need: Need;
  fleet: Fleet;
}

/** Checks a request against its model and the rules, and decides shards and price. Throws what a client did wrong. */
export async function planJob(env: Env, request: JobRequest, now_ms: number): Promise<JobPlan> {
  const deadline_ms = parseDeadline(request.deadline, now_ms);
  const model = await resolveModel(env, request.model);
  const { manifest } = model;
  assertMergeable(request.merge, manifest.outputs);
  const inputs = request.input.tensors.map(parseSource);
  const sealing = sealingOf(request);
  const rows =
    sealing === null ? assertInputs(inputs, manifest.inputs) : assertSealed(request, sealing, inputs, model);
  const rates = readRates(env);
  const micro_per_core_hour = renderMicro(rates.micro_per_core_hour);
  const granted = sealing?.grants.map(({ provider }) => provider) ?? null;
  const requirements = requirementsOf(manifest, request.requirements);
  const need = needOf(
    { ...manifest, format: manifest.openai?.model, requirements, micro_per_core_hour },
    granted,
  );
  const fleet = await readFleet(env, need);
  const generation = await planGeneration(env, request, inputs, manifest);
  const asked = checksOf(manifest.engine, request.verification);
  const joint = manifest.batch.joint === true;
  const choice = {
    rows,
    runners: fleet.runners_capable,
    replicas: runnersOfShard(planVerification(asked, rows, joint)),
    asked: request.shard_rows ?? null,
  };
  const shard_rows =
    generation === null
      ? chooseShardRows({ ...choice, row_cost_us: manifest.row_cost_us })
      : chooseGenerationShardRows(generation, choice);
  const verification = planVerification(asked, shard_rows, joint);
  const auditors = expectedAuditors(verification, await typicalPassed(env, need, verification));
  const work = weighWork({ model, rows, generation }, computeFactor(verification, auditors, shard_rows));
  const quoted = quotePrice({ ...work, ...rates });
  const price = {
    unit: Unit.parse(request.payment.unit),
    escrow: "escrow" in request.payment ? request.payment.escrow : null,
    quoted_micro: renderMicro(quoted),
    priced_rows: work.priced_rows,
    fee_bps: feeBps(env),
  };
  assertOffer(request, quoted);
  return {
    model,
    inputs,
    sealing,
    rows,
    shard_rows,
    shards: shardCount(rows, shard_rows),
    verification,
    auditors,
    deadline_ms,
    price,
    ...work,
    generation: generation?.record ?? null,
    micro_per_core_hour,
    requirements,
    need,
    fleet,
  };
}

/** What is asked of the checks, or none where answers cannot be checked. */
const checksOf = (engine: Engine, asked: Verification): Verification =>
  explainUnchecked(engine, asked) === null ? asked : { mode: "none" };

/** Runners that compute a shard whole. */
const runnersOfShard = ({ mode, auditors }: VerificationPlan): number =>
  mode === "quorum" ? 1 + auditors : 1;

function parseSource(source: TensorSource, index: number): Tensor | TensorBlob {
  return "blob" in source ? source : parseTensorJson(source, `/input/tensors/${index}`);
}

function parseDeadline(deadline: string | undefined, now_ms: number): number {
  if (deadline === undefined) return now_ms + LIMITS.job_deadline_ms_default;
  const deadline_ms = parseInstant(deadline);
  if (deadline_ms > now_ms && deadline_ms <= now_ms + LIMITS.job_deadline_ms_max) return deadline_ms;
  const rule = `between now and ${LIMITS.job_deadline_ms_max / 3_600_000} hours from now`;
  throw new InfernetError("deadline_invalid", `the deadline ${deadline} is not ${rule}`, {
    errors: [{ pointer: "/deadline", detail: `must lie ${rule}` }],
  });
}

function assertOffer({ offer }: JobRequest, quoted: Micro): void {
  if (offer === undefined || parseMicro(offer.max_micro) >= quoted) return;
  throw new InfernetError(
    "offer_too_low",
    `the price is ${renderMicro(quoted)} micro-units, the offer ${offer.max_micro}`,
    {
      errors: [{ pointer: "/offer/max_micro", detail: `must be at least ${renderMicro(quoted)}` }],
    },
  );
}
