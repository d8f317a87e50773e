import { InfernetError } from "@infernet/schemas/errors";
import { type Job, JobRequest } from "@infernet/schemas/job";
import type { Model } from "@infernet/schemas/model";
import type { Context } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { originOf } from "../http/origin.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { routeRequest } from "../v1/route-request.ts";
import { idempotencyOf } from "../v1/submit-rows.ts";
import { awaitVectors } from "./await-vectors.ts";
import type { EmbeddingsRequest } from "./embeddings-request.ts";
import { EMBEDDINGS_INPUT, parseEmbeddings } from "./parse-embeddings.ts";
import { type EmbeddingsList, renderEmbeddings } from "./render-embeddings.ts";

/**
 * Embeds the texts of a request: a job of a row for each, waited for. A client that goes away cancels it, unless it brought
 * an Idempotency-Key, with which it can come back.
 */
export async function serveEmbeddings(
  c: Context<AppEnv>,
  request: EmbeddingsRequest,
  model: Model,
): Promise<EmbeddingsList> {
  const account = c.get("account");
  const texts = parseEmbeddings(request, model.manifest);
  const idempotency = await idempotencyOf(c);
  const by = { account, origin: originOf(c) };
  const pending = { complete: () => describeJob(c.env, request, model, texts) };
  const { job, replayed } = await submitJob(c.env, pending, by, idempotency);
  c.header("Infernet-Job", job.id);
  if (replayed) c.header("Idempotency-Replayed", "true");
  try {
    const gone = idempotency === null ? c.req.raw.signal : null;
    const vectors = await awaitVectors(c.env, account.id, job, gone);
    const shape = { model: request.model, encoding: request.encoding_format ?? ("float" as const) };
    return renderEmbeddings(vectors, { start: 0, count: texts.length }, shape);
  } catch (error) {
    throw naming(job, error);
  }
}

async function describeJob(
  env: Env,
  { model: name, provider, infernet }: EmbeddingsRequest,
  model: Model,
  texts: readonly string[],
): Promise<JobRequest> {
  const { failover: _, verification, ...others } = infernet ?? {};
  const route = await routeRequest(env, model, { provider: provider ?? {}, verification });
  return JobRequest.parse({
    ...others,
    ...route,
    model: name,
    input: {
      tensors: [{ name: EMBEDDINGS_INPUT, datatype: "BYTES", shape: [texts.length], data: texts }],
    },
  });
}

/** A failure with the job that it happened to in its headers. */
function naming({ id }: Job, error: unknown): unknown {
  if (!(error instanceof InfernetError)) return error;
  const headers = { ...error.context.headers, "Infernet-Job": id };
  return new InfernetError(error.code, error.message, { ...error.context, headers });
}
