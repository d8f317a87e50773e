import { createRoute } from "@hono/zod-openapi";
import { Incident, IncidentRequest } from "@infernet/schemas/incident";
import { LIMITS } from "@infernet/schemas/limits";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireOperator } from "../http/require-operator.ts";
import { excuseProviders } from "../provider/excuse-providers.ts";

export const incidents = createRouter();

const create = createRoute({
  method: "post",
  path: "/incidents",
  tags: ["Providers"],
  summary: "Excuse what providers failed at while the fault was the network's",
  description:
    `Writes an amnesty into the ledger of every provider that was there, ${LIMITS.incident_providers_max} at a time: send it ` +
    "again with `cursor` until `next_cursor` is null. The same incident again changes nothing, so repeat it whole when the " +
    "search index was away or behind: a provider that came within the last minutes may not stand in it yet.",
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
  request: { body: { required: true, content: { "application/json": { schema: IncidentRequest } } } },
  responses: {
    200: { description: "How far it has come", content: { "application/json": { schema: Incident } } },
    ...problemAnswers("authentication_missing", "authentication_failed", "request_invalid"),
  },
});

incidents.openapi(create, async (c) =>
  c.json(await excuseProviders(c.env, c.req.valid("json"), Date.now()), 200),
);
