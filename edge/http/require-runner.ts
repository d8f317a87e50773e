import { LIMITS } from "@infernet/schemas/limits";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { checkContentDigest } from "./check-content-digest.ts";
import { limitBody } from "./limit-body.ts";
import { applyRateLimit } from "./rate-limit-headers.ts";
import { takeRunnerToken } from "./runner-rate.ts";
import { verifyRunnerSignature } from "./verify-signature.ts";

const bounded = limitBody(LIMITS.submission_bytes_max);

/**
 * Lets only a runner's signed request through and sets `runner`. Its body, at most `submission_bytes_max`, is read here
 * to be checked against its digest; hono keeps it, so `readBinary` and JSON validation find it again.
 */
export const requireRunner = createMiddleware<AppEnv>(async (c, next) => {
  await authorizeRunner(c, { withBody: c.req.raw.body !== null });
  if (c.req.raw.body === null) return next();
  return bounded(c, async () => {
    await checkContentDigest(c.req.header("Content-Digest"), await c.req.arrayBuffer());
    await next();
  });
});

/** `withBody`: whether the signature must cover a digest of the body. */
export async function authorizeRunner(
  c: Context<AppEnv>,
  { withBody }: { withBody: boolean },
): Promise<void> {
  const now_ms = Date.now();
  const runner = await verifyRunnerSignature(c.req.raw, c.env, { withBody, now_ms });
  applyRateLimit(c, "runner", takeRunnerToken(runner, now_ms));
  c.set("runner", runner);
}
