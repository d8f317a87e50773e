import { RunnerId } from "@infernet/schemas/ids";
import { parseInstant, renderInstant } from "@infernet/schemas/instant";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { PeerMirror } from "@infernet/schemas/peer/peer-mirror";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
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

/** Providers, best score first, without what is over of their peer records. Throws `request_invalid` on a cursor of another list. */
export async function listProviders(
  d1: D1Database,
  { limit, cursor }: PageQuery,
  now_ms: number,
): Promise<Page<Provider>> {
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
    parse: ({ provider }) => withoutOver(Provider.parse(JSON.parse(provider)), now_ms),
  });
}

function withoutOver(provider: Provider, now_ms: number): Provider {
  const { peer } = provider;
  return peer !== null && parseInstant(peer.expires_at) <= now_ms ? { ...provider, peer: null } : provider;
}

/** Addresses of the providers that relay for peers and may take part in the network, best score first. */
export async function listRelays(d1: D1Database, now_ms: number, limit: number): Promise<PeerAddress[][]> {
  const member = (path: string) => sql`json_extract(${providers.provider}, ${path})`;
  const rows = await drizzle(d1)
    .select({ peer: member("$.peer") })
    .from(providers)
    .where(
      and(
        sql`${member("$.peer.expires_at")} > ${renderInstant(now_ms)}`,
        sql`${member("$.ban")} is null`,
        sql`exists (select 1 from json_each(${providers.provider}, '$.peer.services') where value = 'relay')`,
      ),
    )
    .orderBy(desc(providers.score), asc(providers.id))
    .limit(limit);
  return rows.map(({ peer }) => PeerMirror.parse(JSON.parse(z.string().parse(peer))).addresses);
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
