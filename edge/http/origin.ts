import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

/** Where this edge is reached from outside, without a trailing slash: PUBLIC_URL, or what the request was sent to. */
export function originOf(c: Context<AppEnv>): string {
  return (c.env.PUBLIC_URL || new URL(c.req.url).origin).replace(/\/+$/, "");
}
