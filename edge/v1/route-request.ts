import { tokenPrices } from "@infernet/protocol/llm/token-prices";
import type { Need } from "@infernet/protocol/match";
import { InfernetError } from "@infernet/schemas/errors";
import { JobRequest, type Requirements } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Model } from "@infernet/schemas/model";
import { renderMicro } from "@infernet/schemas/money";
import type { Verification } from "@infernet/schemas/verification";
import { needOf } from "../aggregator/need-of.ts";
import type { Fleet } from "../dispatcher/exchange.ts";
import { BoundedCache } from "../http/bounded-cache.ts";
import { countIndependent } from "../jobs/count-independent.ts";
import { readFleet } from "../jobs/read-fleet.ts";
import { readRates } from "../jobs/read-rates.ts";
import { assertModelWanted, requirementsOfPreferences } from "./requirements-of-preferences.ts";
import type { RoutingPreferences } from "./routing-preferences.ts";

/** Who may answer a request, and how the answer is checked. */
export interface Route {
  requirements: Requirements;
  verification: Verification;
}

/** One audit of each answer. */
const CHECKED = JobRequest.shape.verification.parse(undefined);

interface Standing {
  fleet: Fleet;
  /** Machines that fit and may check each other. */
  independent: number;
}

const standings = new BoundedCache<string, Standing>({
  entries_max: LIMITS.models_cached_max,
  age_ms_max: LIMITS.roster_age_ms_max,
});

/**
 * Holds what a client wants of machines against those that are online. A client that does not say how its answers are
 * checked gets an audit where another machine could make it, and none where there is no other.
 *
 * @throws InfernetError `no_machine_fits` with what machines lack, and what `requirementsOfPreferences` throws
 */
export async function routeRequest(
  env: Env,
  { manifest }: Model,
  asked: { provider: RoutingPreferences; verification?: Verification | undefined },
): Promise<Route> {
  const requirements = requirementsOfPreferences(asked.provider);
  const { micro_per_core_hour } = readRates(env);
  const settings = manifest.llm ?? manifest.embeddings;
  if (settings !== undefined) {
    const prices = tokenPrices(BigInt(settings.parameters), micro_per_core_hour);
    assertModelWanted(asked.provider, manifest.llm?.quantization ?? "unknown", prices);
  }
  const paid = renderMicro(micro_per_core_hour);
  const need = needOf(
    { ...manifest, format: manifest.openai?.model, requirements, micro_per_core_hour: paid },
    null,
  );
  const { fleet, independent } = await readStanding(env, need);
  if (fleet.runners_capable === 0) throw noMachineFits(fleet);
  const verification = asked.verification ?? (independent > 1 ? CHECKED : { mode: "none" });
  return { requirements, verification };
}

async function readStanding(env: Env, need: Need): Promise<Standing> {
  const key = JSON.stringify(need);
  const now_ms = Date.now();
  const known = standings.get(key, now_ms);
  if (known) return known;
  const [fleet, independent] = await Promise.all([readFleet(env, need), countIndependent(env, need)]);
  const standing = { fleet, independent };
  // Where nobody fits, somebody may a moment later.
  if (fleet.runners_capable > 0) standings.set(key, standing, now_ms);
  return standing;
}

function noMachineFits({ mismatches }: Fleet): InfernetError {
  const others = mismatches.map(({ reason, runners }) => `${runners} online cannot: ${reason}`);
  const why = others.length === 0 ? "Nobody is online." : others.join(" ");
  return new InfernetError("no_machine_fits", `No machine can take this request. ${why}`, {
    headers: { "Retry-After": "2" },
  });
}
