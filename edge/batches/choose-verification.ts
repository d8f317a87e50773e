import type { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { JobRequest, type Requirements } from "@infernet/schemas/job";
import { renderMicro } from "@infernet/schemas/money";
import type { Verification } from "@infernet/schemas/verification";
import { needOf } from "../aggregator/need-of.ts";
import { resolveModel } from "../catalog/resolve-model.ts";
import { countIndependent } from "../jobs/count-independent.ts";
import { readFleet } from "../jobs/read-fleet.ts";
import { readRates } from "../jobs/read-rates.ts";

/** One audit of each answer. */
const CHECKED = JobRequest.shape.verification.parse(undefined);

/**
 * How a batch whose lines do not say is checked: by an audit where several machines fit that may check each other, and not
 * where there is only one. Throws `no_machine_fits` while there is none: what comes first may be the only one.
 */
export async function chooseVerification(
  env: Env,
  model: Sha256,
  requirements: Requirements,
): Promise<Verification> {
  const { manifest } = await resolveModel(env, model);
  const micro_per_core_hour = renderMicro(readRates(env).micro_per_core_hour);
  const need = needOf(
    { ...manifest, format: manifest.openai?.model, requirements, micro_per_core_hour },
    null,
  );
  const { runners_capable } = await readFleet(env, need);
  if (runners_capable === 0) throw new InfernetError("no_machine_fits", `no machine can run ${model}`);
  return (await countIndependent(env, need)) > 1 ? CHECKED : { mode: "none" };
}
