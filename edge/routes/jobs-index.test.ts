import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deleteJobSummary, listJobs, upsertJobSummary } from "@infernet/db/index/jobs";
import { formatAccountId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import type { JobSummary } from "@infernet/schemas/job";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testJobSummary } from "../testing/job-summary.ts";
import { migrateIndex } from "../testing/migrate-index.ts";

beforeEach(migrateIndex);
afterEach(reset);

const ids = (jobs: JobSummary[]) => jobs.map((job) => job.id);
const finished = (job: JobSummary, state: JobSummary["state"]): JobSummary => ({
  ...job,
  state,
  finished_at: renderInstant(9_000),
});

test("an account's jobs come newest first, page by page, and never another account's", async () => {
  const [mine, theirs] = [formatAccountId(uuidv7()), formatAccountId(uuidv7())];
  const jobs = [1_000, 2_000, 2_000, 3_000].map(testJobSummary);
  for (const job of jobs) await upsertJobSummary(env.INDEX, mine, job);
  await upsertJobSummary(env.INDEX, theirs, testJobSummary(4_000));

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listJobs(env.INDEX, mine, { limit: 3, cursor });
    seen.push(...ids(page.data));
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  const newestFirst = [...jobs].sort(
    (a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id),
  );
  expect(seen).toEqual(ids(newestFirst));
});

test("a list is narrowed by state and by time", async () => {
  const account = formatAccountId(uuidv7());
  const [old, done, queued] = [
    testJobSummary(1_000),
    finished(testJobSummary(2_000), "succeeded"),
    testJobSummary(3_000),
  ];
  for (const job of [old, done, queued]) await upsertJobSummary(env.INDEX, account, job);
  expect(ids((await listJobs(env.INDEX, account, { limit: 9, state: "succeeded" })).data)).toEqual([done.id]);
  expect(ids((await listJobs(env.INDEX, account, { limit: 9, created_after_ms: 2_000 })).data)).toEqual([
    queued.id,
    done.id,
  ]);
});

test("a summary that arrives late never takes a final state away", async () => {
  const account = formatAccountId(uuidv7());
  const job = testJobSummary(1_000);
  await upsertJobSummary(env.INDEX, account, finished(job, "succeeded"));
  await upsertJobSummary(env.INDEX, account, job);
  const [listed] = (await listJobs(env.INDEX, account, { limit: 1 })).data;
  expect(listed?.state).toBe("succeeded");
});

test("a write is one row, and a deleted job is listed no more", async () => {
  const account = formatAccountId(uuidv7());
  const job = testJobSummary(1_000);
  const written: number[] = [];
  const counting = countRowsWritten(env.INDEX, written);
  await upsertJobSummary(counting, account, job);
  await upsertJobSummary(counting, account, finished(job, "failed"));
  await deleteJobSummary(counting, account, 1_000, job.id);
  expect(written).toEqual([1, 1, 1]);
  expect((await listJobs(env.INDEX, account, { limit: 1 })).data).toEqual([]);
});

/** The same database, noting what each statement says it wrote. */
function countRowsWritten(d1: D1Database, written: number[]): D1Database {
  const counted = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get: (target, name) => {
        if (name === "bind") return (...values: unknown[]) => counted(target.bind(...values));
        if (name !== "run") return Reflect.get(target, name).bind(target);
        return async () => {
          const result = await target.run();
          written.push(result.meta.rows_written);
          return result;
        };
      },
    });
  return new Proxy(d1, {
    get: (target, name) =>
      name === "prepare" ? (sql: string) => counted(target.prepare(sql)) : Reflect.get(target, name),
  });
}
