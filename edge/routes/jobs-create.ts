import { createRoute, z } from "@hono/zod-openapi";
import { isFinal } from "@infernet/protocol/job-progress";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import type { AccountId } from "@infernet/schemas/ids";
import { Job, JobRequest, Quote } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Context } from "hono";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import type { AppEnv } from "../http/app-env.ts";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { originOf } from "../http/origin.ts";
import { parseIdempotencyKey } from "../http/parse-idempotency-key.ts";
import { parsePrefer, renderAppliedWait } from "../http/parse-prefer.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { isVisitor, requireAccountOrPayment } from "../http/require-account-or-payment.ts";
import { countIndependent } from "../jobs/count-independent.ts";
import { planJob } from "../jobs/plan-job.ts";
import { renderQuote } from "../jobs/render-quote.ts";
import { type Submitted, submitJob } from "../jobs/submit-job.ts";
import { unwrap } from "../rpc.ts";
import { buyJob } from "../x402/buy-job.ts";

export const jobsCreate = createRouter();

const guards = [requireAccount, limitBody(LIMITS.json_body_bytes_max)];
const body = { required: true, content: { "application/json": { schema: JobRequest } } };
const problems = problemAnswers(
  "authentication_missing",
  "request_malformed",
  "request_invalid",
  "model_unknown",
  "input_mismatch",
  "encryption_invalid",
  "grants_insufficient",
  "input_empty",
  "input_blob_missing",
  "too_many_rows",
  "deadline_invalid",
  "offer_too_low",
  "funds_insufficient",
  "escrow_unknown",
  "escrow_expired",
  "webhook_refused",
  "webhook_disabled",
  "idempotency_mismatch",
  "idempotency_in_flight",
  "body_too_large",
  "rate_limited",
  "unavailable",
);

const create = createRoute({
  method: "post",
  path: "/jobs",
  tags: ["Jobs"],
  summary: "Submit a job",
  description:
    "Answers 202 with the Job at once, or with `Prefer: wait=N` when it has ended (200) or N seconds are over (202). " +
    "A request repeated with the same Idempotency-Key gets the first one's answer. " +
    "Where the deployment takes payments, a request without a key is answered 402 with what to pay (x402 version 2), and " +
    "repeated with PAYMENT-SIGNATURE makes the job; the answer's Infernet-Api-Key reads it.",
  security: [{ account: [] }, {}],
  middleware: [requireAccountOrPayment, limitBody(LIMITS.json_body_bytes_max)],
  request: {
    body,
    headers: z.object({
      "idempotency-key": z
        .string()
        .optional()
        .meta({ description: "Makes the request safe to repeat for 24 hours" }),
      prefer: z
        .string()
        .optional()
        .meta({ description: "`wait=N`: wait up to N seconds for the end", example: "wait=30" }),
      "payment-signature": z
        .string()
        .optional()
        .meta({ description: "Pays for a job without an account (x402 version 2)" }),
    }),
  },
  responses: {
    200: { description: "The job has ended", content: { "application/json": { schema: Job } } },
    202: { description: "The job is accepted", content: { "application/json": { schema: Job } } },
    ...problems,
    ...problemAnswers("payment_required", "funds_insufficient"),
    ...problemAnswers("unavailable", "chain_unavailable", "chain_contradicts"),
  },
});

jobsCreate.openapi(create, async (c) => {
  const request = c.req.valid("json");
  const { account_id, job, replayed } = isVisitor(c) ? await buy(c, request) : await submit(c, request);
  if (replayed) c.header("Idempotency-Replayed", "true");
  c.header("Location", `/jobs/${job.id}`);
  const { wait_seconds } = parsePrefer(c.req.header("Prefer"));
  if (wait_seconds === null) return c.json(job, 202);
  c.header("Preference-Applied", renderAppliedWait(wait_seconds));
  const waited = unwrap(await aggregatorOf(c.env, job.id).read(account_id, job.id, wait_seconds * 1_000));
  return isFinal(waited.state) ? c.json(waited, 200) : c.json(waited, 202);
});

type Made = Submitted & { account_id: AccountId };

async function submit(c: Context<AppEnv>, request: JobRequest): Promise<Made> {
  const account = c.get("account");
  const key = parseIdempotencyKey(c.req.header("Idempotency-Key"));
  const idempotency =
    key === null ? null : { key: `${account.id}:${key}`, request_sha256: await digestBody(c) };
  const submitted = await submitJob(c.env, request, { account, origin: originOf(c) }, idempotency);
  return { ...submitted, account_id: account.id };
}

async function buy(c: Context<AppEnv>, request: JobRequest): Promise<Made> {
  const { headers, ...made } = await buyJob(c.env, {
    request,
    body_sha256: await digestBody(c),
    origin: originOf(c),
    payment: c.req.header("PAYMENT-SIGNATURE"),
  });
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return made;
}

const quote = createRoute({
  method: "post",
  path: "/jobs/quote",
  tags: ["Jobs"],
  summary: "Price a job without submitting it",
  description:
    "Checks the request as POST /jobs would and tells price, shards, and whether any runner can take it.",
  security: [{ account: [] }],
  middleware: guards,
  request: { body },
  responses: {
    200: { description: "The quote", content: { "application/json": { schema: Quote } } },
    ...problems,
  },
});

jobsCreate.openapi(quote, async (c) => {
  const { offer: _, ...request } = c.req.valid("json");
  const plan = await planJob(c.env, request, Date.now());
  const independent = plan.verification.auditors === 0 ? 0 : await countIndependent(c.env, plan.need);
  return c.json(renderQuote(plan, request.verification, independent), 200);
});

/** Tells one payload from another. Hono has read the body before and keeps it. */
async function digestBody(c: Context<AppEnv>): Promise<Sha256> {
  return sha256(new Uint8Array(await c.req.arrayBuffer()));
}
