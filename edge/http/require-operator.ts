import { InfernetError } from "@infernet/schemas/errors";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { authenticationFailed, bearerToken } from "./bearer-token.ts";
import { secretsEqual } from "./compare-secrets.ts";

/** Lets only the operator through: whoever holds `INFERNET_OPERATOR_KEY`. */
export const requireOperator = createMiddleware<AppEnv>(async (c, next) => {
  const key = c.env.INFERNET_OPERATOR_KEY;
  if (!key)
    throw new InfernetError(
      "unavailable",
      "This deployment has no operator key: INFERNET_OPERATOR_KEY is not set.",
    );
  if (!(await secretsEqual(bearerToken(c), key)))
    throw authenticationFailed("This is not the operator's key.");
  await next();
});
