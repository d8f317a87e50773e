import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { authorizeAccount } from "./require-account.ts";
import { authorizeRunner } from "./require-runner.ts";

/**
 * Lets an account or a runner through, for what both use: blobs and models. The signature need not cover the body,
 * because a blob's address, which it does cover, is the digest of its bytes.
 */
export const requireAccountOrRunner = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.header("Signature")) await authorizeRunner(c, { withBody: false });
  else await authorizeAccount(c);
  await next();
});
