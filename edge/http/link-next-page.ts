import type { Page } from "@infernet/schemas/page";
import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

/** Points at the next page of a list with a `Link` header (RFC 8288): the same query with the new cursor. */
export function linkNextPage(c: Context<AppEnv>, page: Page<unknown>): void {
  if (page.next_cursor === null) return;
  const url = new URL(c.req.url);
  url.searchParams.set("cursor", page.next_cursor);
  c.header("Link", `<${url.pathname}${url.search}>; rel="next"`);
}
