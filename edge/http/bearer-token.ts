import { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

const CHALLENGE = { headers: { "WWW-Authenticate": 'Bearer realm="infernet"' } };

/** The token of `Authorization: Bearer` (RFC 6750 section 2.1). Throws `authentication_missing`. */
export function bearerToken(c: Context<AppEnv>): string {
  const header = c.req.header("Authorization");
  if (!header)
    throw new InfernetError("authentication_missing", "The request has no Authorization header.", CHALLENGE);
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header)?.[1];
  if (!token)
    throw new InfernetError("authentication_missing", "Authorization is not a Bearer token.", CHALLENGE);
  return token;
}

export const authenticationFailed = (detail: string): InfernetError =>
  new InfernetError("authentication_failed", detail, CHALLENGE);
