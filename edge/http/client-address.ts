import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

/** What Cloudflare writes the caller's address into, over anything that the caller wrote there. */
const CLOUDFLARE_HEADER = "CF-Connecting-IP";

/**
 * Where a request came from, null when nobody trustworthy says so. An edge that hosts itself sees no address: there
 * CLIENT_ADDRESS_HEADER names the header that the operator's own proxy writes.
 */
export function clientAddress(c: Context<AppEnv>): string | null {
  const isSelfHosted = c.env.DISK !== undefined;
  const header = c.env.CLIENT_ADDRESS_HEADER || (isSelfHosted ? null : CLOUDFLARE_HEADER);
  return header === null ? null : (c.req.header(header)?.trim() ?? null);
}
