import { decodeCursor, encodeCursor } from "@infernet/db/cursor";
import { listSeenProviders } from "@infernet/db/index/providers";
import { canonicalDigest } from "@infernet/schemas/digest";
import type { Incident, IncidentRequest } from "@infernet/schemas/incident";
import { parseInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { z } from "zod";

/** A provider that is there is seen in the search index this much late: its uptime comes in spans, its row after a pause. */
const INDEX_LAG_MS = 2 * LIMITS.uptime_report_ms + LIMITS.provider_projection_pause_ms;

const Place = z.string();

/**
 * Writes an amnesty into the ledgers of providers that were there in the time of an incident: of one page of them, in the
 * order of ids. Too many rather than too few: an amnesty excuses nothing outside its own time. A provider that does not
 * answer fails the request, which may be repeated.
 */
export async function excuseProviders(
  env: Env,
  { from, to, detail, cursor }: IncidentRequest,
  now_ms: number,
): Promise<Incident> {
  const from_ms = parseInstant(from);
  const to_ms = parseInstant(to);
  const id = `incident_${(await canonicalDigest({ from_ms, to_ms, detail })).slice(0, 32)}`;
  const event: ReputationEvent = { kind: "amnesty", id, at_ms: now_ms, from_ms, to_ms, detail };
  const after = decodeCursor(Place, cursor) ?? "";
  const limit = LIMITS.incident_providers_max;
  const seen = { from_ms: from_ms - INDEX_LAG_MS, to_ms };
  const found = await listSeenProviders(env.INDEX, seen, after, limit + 1);
  const page = found.slice(0, limit);
  await Promise.all(page.map((provider) => env.PROVIDER.getByName(provider).record([event])));
  const last = page.at(-1);
  const next_cursor = last && found.length > limit ? encodeCursor(last) : null;
  return { id, object: "incident", from, to, detail, providers: page.length, next_cursor };
}
