import { type Bucket, fullBucket, takeToken } from "@infernet/protocol/rate-limit";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { takesPayments } from "../x402/takes-payments.ts";
import type { AppEnv } from "./app-env.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { clientAddress } from "./client-address.ts";
import { applyRateLimit } from "./rate-limit-headers.ts";
import { RATE_POLICIES } from "./rate-policies.ts";
import { authorizeAccount } from "./require-account.ts";

/** Of this isolate, one for each address; all whose address nobody tells share one. */
const buckets = new BoundedCache<string, Bucket>({ entries_max: 16_384, age_ms_max: 600_000 });

/** Lets the holder of an API key through, and, where jobs can be paid for without one, whoever has none. */
export const requireAccountOrPayment = createMiddleware<AppEnv>(async (c, next) => {
  if (isVisitor(c)) takeVisitorToken(c, Date.now());
  else await authorizeAccount(c);
  await next();
});

/** Whether a request has no key and needs none. */
export const isVisitor = (c: Context<AppEnv>): boolean =>
  c.req.header("Authorization") === undefined && takesPayments(c.env);

function takeVisitorToken(c: Context<AppEnv>, now_ms: number): void {
  const policy = RATE_POLICIES.visitor;
  const address = clientAddress(c) ?? "";
  const decision = takeToken(buckets.get(address, now_ms) ?? fullBucket(policy, now_ms), now_ms, policy);
  buckets.set(address, decision.bucket, now_ms);
  applyRateLimit(c, "visitor", decision);
}
