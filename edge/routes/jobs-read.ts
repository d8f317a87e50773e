import { createRoute, z } from "@hono/zod-openapi";
import { listJobs } from "@infernet/db/index/jobs";
import { JobId } from "@infernet/schemas/ids";
import { parseInstant } from "@infernet/schemas/instant";
import { Job, JobState, JobSummary } from "@infernet/schemas/job";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createRouter } from "../http/create-router.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobsRead = createRouter();

const params = z.object({ id: JobId });
const answers = {
  200: { description: "The job", content: { "application/json": { schema: Job } } },
  ...problemAnswers("authentication_missing", "not_found", "rate_limited"),
};

const read = createRoute({
  method: "get",
  path: "/jobs/{id}",
  tags: ["Jobs"],
  summary: "Read a job",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params },
  responses: answers,
});

jobsRead.openapi(read, async (c) => {
  const { id } = c.req.valid("param");
  return c.json(unwrap(await aggregatorOf(c.env, id).read(c.get("account").id, id)), 200);
});

const cancel = createRoute({
  method: "delete",
  path: "/jobs/{id}",
  tags: ["Jobs"],
  summary: "Cancel a job",
  description: "Stops the work on it. Repeating it changes nothing.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { params },
  responses: { ...answers, ...problemAnswers("job_finished") },
});

jobsRead.openapi(cancel, async (c) => {
  const { id } = c.req.valid("param");
  return c.json(unwrap(await aggregatorOf(c.env, id).cancel(c.get("account").id, id)), 200);
});

const list = createRoute({
  method: "get",
  path: "/jobs",
  tags: ["Jobs"],
  summary: "List jobs, newest first",
  description:
    "From the search index, which follows the jobs within moments; GET /jobs/{id} is always exact.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: {
    query: PageQuery.extend({
      state: JobState.optional(),
      created_after: z.iso.datetime({ offset: true }).optional(),
    }),
  },
  responses: {
    200: { description: "A page of jobs", content: { "application/json": { schema: pageOf(JobSummary) } } },
    ...problemAnswers("authentication_missing", "request_invalid", "rate_limited"),
  },
});

jobsRead.openapi(list, async (c) => {
  const { created_after, ...query } = c.req.valid("query");
  const since = created_after === undefined ? {} : { created_after_ms: parseInstant(created_after) };
  const page = await listJobs(c.env.INDEX, c.get("account").id, { ...query, ...since });
  linkNextPage(c, page);
  return c.json(page, 200);
});
