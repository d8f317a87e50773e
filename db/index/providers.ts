import { RunnerId } from "@infernet/schemas/ids";
import { parseInstant } from "@infernet/schemas/instant";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { Provider } from "@infernet/schemas/provider";
import { and, asc, desc, gt, gte, lte, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { providers } from "./schema.ts";

/** Where a page ended: score and id of its last provider. */
const Place = z.tuple([z.number(), z.string()]);

/** Writes what a list shows of a provider: one row. */
export async function upsertProvider(d1: D1Database, provider: Provider): Promise<void> {
  const changing = {
    score: provider.reputation.score,
    first_seen_ms: parseInstant(provider.first_seen_at),
    last_seen_ms: parseInstant(provider.last_seen_at),
    provider: JSON.stringify(provider),
  };
  await drizzle(d1)
    .insert(providers)
    .values({ id: provider.id, ...changing })
    .onConflictDoUpdate({ target: providers.id, set: changing });
}

/** Providers, best score first. Throws `request_invalid` on a cursor of another list. */
export async function listProviders(d1: D1Database, { limit, cursor }: PageQuery): Promise<Page<Provider>> {
  const place = decodeCursor(Place, cursor);
  const rows = await drizzle(d1)
    .select()
    .from(providers)
    .where(place ? sql`(-${providers.score}, ${providers.id}) > (${-place[0]}, ${place[1]})` : undefined)
    .orderBy(desc(providers.score), asc(providers.id))
    .limit(limit + 1);
  return cutPage(rows, {
    limit,
    placeOf: ({ score, id }) => [score, id],
    parse: ({ provider }) => Provider.parse(JSON.parse(provider)),
  });
}

/** Ids of the providers that were first seen by `to_ms` and seen again from `from_ms` on, in order, after `after`. */
export async function listSeenProviders(
  d1: D1Database,
  span: { from_ms: number; to_ms: number },
  after: string,
  limit: number,
): Promise<RunnerId[]> {
  const rows = await drizzle(d1)
    .select({ id: providers.id })
    .from(providers)
    .where(
      and(
        gt(providers.id, after),
        lte(providers.first_seen_ms, span.to_ms),
        gte(providers.last_seen_ms, span.from_ms),
      ),
    )
    .orderBy(asc(providers.id))
    .limit(limit);
  return rows.map(({ id }) => RunnerId.parse(id));
}
