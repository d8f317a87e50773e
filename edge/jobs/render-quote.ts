import { explainUnchecked } from "@infernet/protocol/llm/explain-unchecked";
import { TOKEN_PRICE_FORMULA, tokenPrices } from "@infernet/protocol/llm/token-prices";
import { PRICE_FORMULA } from "@infernet/protocol/price";
import { workUnits } from "@infernet/protocol/work-units/work-units";
import type { Quote } from "@infernet/schemas/job";
import type { Verification } from "@infernet/schemas/verification";
import { type QuotedWork, renderCount } from "@infernet/schemas/work";
import { explainGrants } from "./check-encryption.ts";
import type { JobPlan } from "./plan-job.ts";

/**
 * @param asked how the client wants answers checked
 * @param independent runners that fit and may check each other
 */
export function renderQuote(plan: JobPlan, asked: Verification, independent: number): Quote {
  const { price, rows, shards, shard_rows, verification, auditors, compute_factor, fleet } = plan;
  const { runners_capable } = fleet;
  const reasons = explainImpossible(plan, independent);
  const compute_ms = (rows * plan.row_cost_us * compute_factor) / 1_000;
  return {
    price: {
      unit: price.unit,
      quoted_micro: price.quoted_micro,
      fee_bps: price.fee_bps,
      formula: plan.generation === null ? PRICE_FORMULA : TOKEN_PRICE_FORMULA,
      work: renderWork(plan),
      ...renderTokenPrices(plan),
    },
    rows,
    shards,
    shard_rows,
    verification,
    verification_unavailable: explainUnchecked(plan.model.manifest.engine, asked),
    compute_factor,
    runners_capable,
    eta_ms:
      runners_capable === 0
        ? null
        : Math.ceil(compute_ms / Math.min(runners_capable, shards * (1 + auditors))),
    is_possible: reasons.length === 0,
    reasons,
  };
}

/** Nothing where the model generates no text. */
function renderTokenPrices({
  model,
  micro_per_core_hour,
}: JobPlan): Pick<Quote["price"], "per_million_tokens"> {
  const { llm } = model.manifest;
  if (llm === undefined) return {};
  return { per_million_tokens: tokenPrices(BigInt(llm.parameters), BigInt(micro_per_core_hour)) };
}

function renderWork({ model, operations_per_row, price }: JobPlan): QuotedWork {
  return {
    kind: model.work.kind,
    operations_per_row: renderCount(operations_per_row),
    micro_work_units: renderCount(workUnits(BigInt(price.priced_rows) * operations_per_row)),
  };
}

function explainImpossible(
  { verification, auditors, fleet, sealing }: JobPlan,
  independent: number,
): string[] {
  const lack = sealing && explainGrants(sealing, verification);
  if (lack !== null) return [`${lack[0]?.toUpperCase()}${lack.slice(1)}.`];
  const { runners_capable, mismatches } = fleet;
  const others = mismatches.map(({ reason, runners }) => `${runners} runner(s) cannot take it: ${reason}`);
  if (runners_capable === 0) return ["No runner that fits is online.", ...others];
  if (auditors < 1) return [];
  const needs = `${nameOf(verification)} needs ${plural(auditors, "auditor")} besides the answer's maker`;
  if (runners_capable < 1 + auditors)
    return [
      `${needs}; ${plural(runners_capable, "runner")} that fit ${runners_capable === 1 ? "is" : "are"} online.`,
      ...others,
    ];
  if (independent >= 1 + auditors) return [];
  return [
    `${needs}; of ${runners_capable} runners that fit only ${independent} may check each other, for the others share an owner, a payout address or a network with them.`,
    ...others,
  ];
}

function nameOf({ mode, error_max }: JobPlan["verification"]): string {
  if (error_max !== null) return `An assurance of ${Number((1 - error_max).toPrecision(6))}`;
  return mode === "quorum" ? "A quorum" : "An audit";
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
