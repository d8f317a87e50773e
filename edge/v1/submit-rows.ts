import { sha256 } from "@infernet/schemas/digest";
import { type Job, JobRequest } from "@infernet/schemas/job";
import { GENERATION_INPUT } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { JobGeneration } from "@infernet/schemas/llm/job-generation";
import type { Model } from "@infernet/schemas/model";
import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { originOf } from "../http/origin.ts";
import { parseIdempotencyKey } from "../http/parse-idempotency-key.ts";
import { type Idempotency, type Submitted, submitJob } from "../jobs/submit-job.ts";
import type { InfernetOptions } from "./infernet-members.ts";
import { routeRequest } from "./route-request.ts";
import type { RoutingPreferences } from "./routing-preferences.ts";

/** What a request says of its job besides its rows. */
export interface JobWishes {
  /** A name or digest of the model, as the request has it. */
  model: string;
  provider?: RoutingPreferences | null | undefined;
  infernet?: InfernetOptions | null | undefined;
  metadata?: Job["metadata"] | null | undefined;
}

/** The Idempotency-Key of a request and the digest of its body; null without one. Hono has read the body and keeps it. */
export async function idempotencyOf(c: Context<AppEnv>): Promise<Idempotency | null> {
  const key = parseIdempotencyKey(c.req.header("Idempotency-Key"));
  if (key === null) return null;
  const request_sha256 = await sha256(new Uint8Array(await c.req.arrayBuffer()));
  return { key: `${c.get("account").id}:${key}`, request_sha256 };
}

/** A seed for a request that names none: the same for one that is repeated with its Idempotency-Key. */
export async function drawSeed(idempotency: Idempotency | null): Promise<number> {
  if (idempotency === null) return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const digest = await sha256(new Uint8Array(new TextEncoder().encode(`seed ${idempotency.key}`)));
  return Number.parseInt(digest.slice(0, 8), 16);
}

/**
 * Makes a job of a request's rows, each answered as it is made. A client that goes away cancels it, unless it brought an
 * Idempotency-Key, with which it can come back.
 *
 * @throws InfernetError what `routeRequest` and `submitJob` throw
 */
export function submitRows(
  c: Context<AppEnv>,
  model: Model,
  rows: readonly GenerationRequest[],
  wishes: JobWishes,
  idempotency: Idempotency | null,
): Promise<Submitted> {
  const by = { account: c.get("account"), origin: originOf(c) };
  const { failover } = wishes.infernet ?? {};
  const generation = JobGeneration.parse({
    stream: true,
    cancel_on_disconnect: idempotency === null,
    ...(failover ? { failover } : {}),
  });
  const complete = () => describeJob(c.env, model, rows, wishes, generation);
  return submitJob(c.env, { generation, complete }, by, idempotency);
}

async function describeJob(
  env: Env,
  model: Model,
  rows: readonly GenerationRequest[],
  { model: name, provider, infernet, metadata }: JobWishes,
  generation: JobGeneration,
): Promise<JobRequest> {
  const { failover: _, verification, ...others } = infernet ?? {};
  const route = await routeRequest(env, model, { provider: provider ?? {}, verification });
  const data = rows.map((row) => JSON.stringify(row));
  return JobRequest.parse({
    ...others,
    ...route,
    model: name,
    input: { tensors: [{ ...GENERATION_INPUT, shape: [rows.length], data }] },
    generation,
    metadata: metadata ?? {},
  });
}
