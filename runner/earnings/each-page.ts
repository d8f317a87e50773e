import type { Earnings } from "@infernet/schemas/earning";
import type { EdgeClient } from "../transport/edge-client.ts";

/** The earnings page by page, the latest first, as long as somebody asks. @param items jobs in a page */
export async function* eachPage(
  client: Pick<EdgeClient, "getEarnings">,
  items: number,
  signal: AbortSignal,
): AsyncGenerator<Earnings> {
  let page = await client.getEarnings({ limit: items }, signal);
  yield page;
  while (page.next_cursor !== null) {
    page = await client.getEarnings({ limit: items, cursor: page.next_cursor }, signal);
    yield page;
  }
}
