import type { Page, PageQuery } from "@infernet/schemas/page";
import { Provider } from "@infernet/schemas/provider";
import { asc, desc, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { providers } from "./schema.ts";

/** Where a page ended: score and id of its last provider. */
const Place = z.tuple([z.number(), z.string()]);

/** Writes what a list shows of a provider: one row. */
export async function upsertProvider(d1: D1Database, provider: Provider): Promise<void> {
  const changing = { score: provider.reputation.score, provider: JSON.stringify(provider) };
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
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((row) => Provider.parse(JSON.parse(row.provider))),
    next_cursor: last && rows.length > limit ? encodeCursor([last.score, last.id]) : null,
  };
}
