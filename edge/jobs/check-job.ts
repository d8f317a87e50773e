import { InfernetError } from "@infernet/schemas/errors";
import type { JobRequest } from "@infernet/schemas/job";
import { loadNetworkKey } from "../network/network-key.ts";
import { assertWebhookTarget } from "../webhooks/assert-webhook-target.ts";
import { assertInputsStored } from "./assert-inputs-stored.ts";
import { explainGrants } from "./check-encryption.ts";
import { type JobPlan, planJob } from "./plan-job.ts";

/** All that can be said of a request before there is an account, and stores nothing. Throws what `prepareJob` throws. */
export async function checkJob(env: Env, request: JobRequest, now_ms: number): Promise<JobPlan> {
  if (request.webhook !== undefined) assertWebhookTarget(request.webhook.url, env);
  // Without the network's key nothing can be drawn or signed: better no job than one that never ends.
  await loadNetworkKey(env);
  const plan = await planJob(env, request, now_ms);
  const lack = plan.sealing && explainGrants(plan.sealing, plan.verification);
  if (lack !== null)
    throw new InfernetError("grants_insufficient", lack, {
      errors: [{ pointer: "/encryption/grants", detail: lack }],
    });
  await assertInputsStored(env, plan.inputs);
  return plan;
}
