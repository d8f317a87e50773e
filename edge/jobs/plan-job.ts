import type { Need } from "@infernet/protocol/match";
import { assertMergeable } from "@infernet/protocol/merge";
import { pricedOperations, pricedRows, quotePrice } from "@infernet/protocol/price";
import { chooseShardRows, shardCount } from "@infernet/protocol/split";
import { computeFactor, expectedAuditors, planVerification } from "@infernet/protocol/verification-plan";
import type { ProviderEncryption } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import { parseInstant } from "@infernet/schemas/instant";
import type { JobRequest, TensorSource } from "@infernet/schemas/job";
import { Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { Model } from "@infernet/schemas/model";
import { type Micro, type MicroAmount, parseMicro, renderMicro } from "@infernet/schemas/money";
import type { PriceTerms } from "@infernet/schemas/price";
import type { Tensor, TensorBlob } from "@infernet/schemas/tensor";
import { assertInputs } from "@infernet/schemas/tensor-check";
import { parseTensorJson } from "@infernet/schemas/tensor-json";
import type { VerificationPlan } from "@infernet/schemas/verification";
import { needOf } from "../aggregator/need-of.ts";
import { resolveModel } from "../catalog/resolve-model.ts";
import type { Fleet } from "../dispatcher/exchange.ts";
import { assertSealed, sealingOf } from "./check-encryption.ts";
import { feeBps } from "./fee-bps.ts";
import { readFleet } from "./read-fleet.ts";
import { readRates } from "./read-rates.ts";
import { requirementsOf } from "./requirements-of.ts";
import { typicalPassed } from "./typical-passed.ts";

/** A request that fits its model, cut and priced; nothing of it is stored. */
export interface JobPlan {
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
  /** Rows computed for each row delivered, checks included. */
  compute_factor: number;
  deadline_ms: number;
  price: PriceTerms;
  /** Operations that a row is priced at. */
  operations_per_row: bigint;
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
  const { row_cost_us } = manifest;
  const joint = manifest.batch.joint === true;
  const shard_rows = chooseShardRows({
    rows,
    row_cost_us,
    runners: fleet.runners_capable,
    replicas: runnersOfShard(planVerification(request.verification, rows, joint)),
    asked: request.shard_rows ?? null,
  });
  const verification = planVerification(request.verification, shard_rows, joint);
  const auditors = expectedAuditors(verification, await typicalPassed(env, need, verification));
  const compute_factor = computeFactor(verification, auditors, shard_rows);
  const priced_rows = pricedRows(rows, compute_factor);
  const operations_per_row = pricedOperations(model.work, row_cost_us);
  const quoted = quotePrice({ priced_rows, operations_per_row, ...rates });
  const price = {
    unit: Unit.parse(request.payment.unit),
    escrow: "escrow" in request.payment ? request.payment.escrow : null,
    quoted_micro: renderMicro(quoted),
    priced_rows,
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
    compute_factor,
    deadline_ms,
    price,
    operations_per_row,
    micro_per_core_hour,
    requirements,
    need,
    fleet,
  };
}

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
