import { createRoute, z } from "@hono/zod-openapi";
import { BanLift, BanRequest } from "@infernet/schemas/ban";
import { InfernetError } from "@infernet/schemas/errors";
import { RunnerId } from "@infernet/schemas/ids";
import { parseInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import { Provider } from "@infernet/schemas/provider";
import { uuidv7 } from "uuidv7";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireOperator } from "../http/require-operator.ts";
import { unwrap } from "../rpc.ts";

/** What the operator decides about a provider. */
export const providerDecisions = createRouter();

const decision = {
  tags: ["Providers"],
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
};
const params = z.strictObject({ id: RunnerId });
const decided = (description: string) => ({
  200: { description, content: { "application/json": { schema: Provider } } },
  ...problemAnswers("authentication_missing", "authentication_failed", "not_found", "request_invalid"),
});

const trust = createRoute({
  ...decision,
  method: "put",
  path: "/providers/{id}/referee",
  summary: "Trust a provider to decide disagreements, or trust it no more",
  description:
    "Takes effect for a runner that registered with `referee: true`: it is drawn for every disagreement then, and gets no other work.",
  request: {
    params,
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ trusted: z.boolean() }) } },
    },
  },
  responses: decided("The provider"),
});

providerDecisions.openapi(trust, async (c) => {
  const { trusted } = c.req.valid("json");
  return c.json(unwrap(await c.env.PROVIDER.getByName(c.req.valid("param").id).trust(trusted)), 200);
});

const ban = createRoute({
  ...decision,
  method: "post",
  path: "/providers/{id}/ban",
  summary: "Keep a provider out",
  description: "Of several bans the one that lasts longest holds; to make one shorter, lift it first.",
  request: { params, body: { required: true, content: { "application/json": { schema: BanRequest } } } },
  responses: decided("The provider, banned"),
});

providerDecisions.openapi(ban, async (c) => {
  const { detail, until } = c.req.valid("json");
  const until_ms = until === undefined ? null : parseFuture(until, Date.now());
  const provider = c.env.PROVIDER.getByName(c.req.valid("param").id);
  return c.json(unwrap(await provider.ban(`operator_${uuidv7()}`, detail, until_ms)), 200);
});

function parseFuture(until: string, now_ms: number): number {
  const until_ms = parseInstant(until);
  if (until_ms > now_ms) return until_ms;
  throw new InfernetError("request_invalid", `The ban would have ended already: ${until}.`, {
    errors: [{ pointer: "/until", detail: "must lie in the future" }],
  });
}

const lift = createRoute({
  ...decision,
  method: "delete",
  path: "/providers/{id}/ban",
  summary: "Let a provider in again, and acquit it",
  description:
    "Ends every ban. The convictions behind them count no more, those of bans that are over too: what they took back is given back, and what is still to be recalled is not.",
  request: { params, body: { required: true, content: { "application/json": { schema: BanLift } } } },
  responses: { ...decided("The provider"), ...problemAnswers("not_banned") },
});

providerDecisions.openapi(lift, async (c) => {
  const { detail } = c.req.valid("json");
  return c.json(unwrap(await c.env.PROVIDER.getByName(c.req.valid("param").id).liftBan(detail)), 200);
});
