import { createRoute, z } from "@hono/zod-openapi";
import { GrantRequest } from "@infernet/schemas/encryption";
import { JobId } from "@infernet/schemas/ids";
import { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";

export const jobGrants = createRouter();

const grant = createRoute({
  method: "post",
  path: "/jobs/{id}/grants",
  tags: ["Jobs"],
  summary: "Grant a sealed job to more providers",
  description:
    "Each grant is the job's key, wrapped for one provider by the client. Repeating it changes nothing; nobody can be taken out again, for what a provider has read it has read.",
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max)],
  request: {
    params: z.object({ id: JobId }),
    body: { required: true, content: { "application/json": { schema: GrantRequest } } },
  },
  responses: {
    200: { description: "The job", content: { "application/json": { schema: Job } } },
    ...problemAnswers(
      "authentication_missing",
      "request_malformed",
      "request_invalid",
      "not_found",
      "not_sealed",
      "job_finished",
      "encryption_invalid",
      "body_too_large",
      "rate_limited",
    ),
  },
});

jobGrants.openapi(grant, async (c) => {
  const { id } = c.req.valid("param");
  const { grants } = c.req.valid("json");
  return c.json(unwrap(await aggregatorOf(c.env, id).grantKey(c.get("account").id, id, grants)), 200);
});
