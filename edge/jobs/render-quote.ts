import { PRICE_FORMULA } from "@infernet/protocol/price";
import type { Quote } from "@infernet/schemas/job";
import { renderMicro } from "@infernet/schemas/money";
import type { JobPlan } from "./plan-job.ts";

export function renderQuote(plan: JobPlan): Quote {
  const { model, rows, shards, shard_rows, replicas, fleet } = plan;
  const { runners_capable } = fleet;
  const reasons = explainImpossible(plan);
  const compute_ms = (rows * model.manifest.row_cost_us * replicas) / 1_000;
  return {
    price: { quoted_micro: renderMicro(plan.quoted), formula: PRICE_FORMULA },
    rows,
    shards,
    shard_rows,
    replicas,
    runners_capable,
    eta_ms:
      runners_capable === 0 ? null : Math.ceil(compute_ms / Math.min(runners_capable, shards * replicas)),
    is_possible: reasons.length === 0,
    reasons,
  };
}

function explainImpossible({ replicas, fleet }: JobPlan): string[] {
  const { runners_capable, mismatches } = fleet;
  if (runners_capable >= replicas) return [];
  const rule =
    replicas === 1
      ? "No runner that fits is online."
      : `A quorum of ${replicas} needs ${replicas} runners that fit; ${runners_capable} are online.`;
  return [rule, ...mismatches.map(({ reason, runners }) => `${runners} runner(s) cannot take it: ${reason}`)];
}
