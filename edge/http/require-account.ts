import { ApiKey } from "@infernet/schemas/account";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { authenticationFailed, bearerToken } from "./bearer-token.ts";
import { hashSecret } from "./compare-secrets.ts";
import { applyRateLimit } from "./rate-limit-headers.ts";

/** Lets only the holder of an API key through and sets `account`. */
export const requireAccount = createMiddleware<AppEnv>(async (c, next) => {
  await authorizeAccount(c);
  await next();
});

/** The key names its account, whose object checks it and counts the request: one call. */
export async function authorizeAccount(c: Context<AppEnv>): Promise<void> {
  const key = ApiKey.safeParse(bearerToken(c));
  if (!key.success) throw authenticationFailed("The key is not of the form infk_<account>_<secret>.");
  const [, account] = key.data.split("_", 2);
  const authorization = await c.env.ACCOUNT.getByName(`acct_${account}`).authorize(
    await hashSecret(key.data),
  );
  if (!authorization) throw authenticationFailed("No account has this key.");
  applyRateLimit(c, "account", authorization.rate);
  c.set("account", authorization.account);
}
