import type { AccountId, JobId } from "@infernet/schemas/ids";
import { parseInstant } from "@infernet/schemas/instant";
import { type JobState, JobSummary } from "@infernet/schemas/job";
import type { Page } from "@infernet/schemas/page";
import { and, desc, eq, gte, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { jobs } from "./schema.ts";

/** Where a page ended: creation time and id of its last job. */
const Place = z.tuple([z.int(), z.string()]);

export interface JobFilter {
  limit: number;
  cursor?: string | undefined;
  state?: JobState | undefined;
  created_after_ms?: number | undefined;
}

/** Writes what a list shows of a job: one row. A final state stays, whatever arrives late. */
export async function upsertJobSummary(
  d1: D1Database,
  account: AccountId,
  summary: JobSummary,
): Promise<void> {
  const changing = {
    state: summary.state,
    finished_ms: summary.finished_at === null ? null : parseInstant(summary.finished_at),
    summary: JSON.stringify(summary),
  };
  await drizzle(d1)
    .insert(jobs)
    .values({
      account_id: account,
      created_ms: parseInstant(summary.created_at),
      id: summary.id,
      ...changing,
    })
    .onConflictDoUpdate({
      target: [jobs.account_id, jobs.created_ms, jobs.id],
      set: changing,
      setWhere: isNull(jobs.finished_ms),
    });
}

/** Takes a job out of its account's list. */
export async function deleteJobSummary(
  d1: D1Database,
  account: AccountId,
  created_ms: number,
  id: JobId,
): Promise<void> {
  await drizzle(d1)
    .delete(jobs)
    .where(and(eq(jobs.account_id, account), eq(jobs.created_ms, created_ms), eq(jobs.id, id)));
}

/** An account's jobs, newest first. Throws `request_invalid` on a cursor of another list. */
export async function listJobs(
  d1: D1Database,
  account: AccountId,
  filter: JobFilter,
): Promise<Page<JobSummary>> {
  const place = decodeCursor(Place, filter.cursor);
  const rows = await drizzle(d1)
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.account_id, account),
        place ? sql`(${jobs.created_ms}, ${jobs.id}) < (${place[0]}, ${place[1]})` : undefined,
        filter.state ? eq(jobs.state, filter.state) : undefined,
        filter.created_after_ms === undefined ? undefined : gte(jobs.created_ms, filter.created_after_ms),
      ),
    )
    .orderBy(desc(jobs.created_ms), desc(jobs.id))
    .limit(filter.limit + 1);
  return cutPage(rows, {
    limit: filter.limit,
    placeOf: ({ created_ms, id }) => [created_ms, id],
    parse: ({ summary }) => JobSummary.parse(JSON.parse(summary)),
  });
}
