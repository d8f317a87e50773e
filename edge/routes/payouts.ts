import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "@infernet/schemas/limits";
import { pageOf } from "@infernet/schemas/page";
import { PayoutId } from "@infernet/schemas/payout";
import {
  Acknowledgement,
  PaidRequest,
  PayoutQuery,
  ReturnedRequest,
  Treasury,
  TreasuryPayout,
} from "@infernet/schemas/treasury";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireOperator } from "../http/require-operator.ts";
import { unwrap } from "../rpc.ts";
import { sayOfPayout } from "../treasury/say-of-payout.ts";
import { treasuryOf, UNITS } from "../treasury/treasury-of.ts";

/** What the operator sees and says of payouts to providers. */
export const payouts = createRouter();

const forOperator = {
  tags: ["Payouts"],
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
};
const refused = problemAnswers("authentication_missing", "authentication_failed", "request_invalid");

const list = createRoute({
  ...forOperator,
  method: "get",
  path: "/payouts",
  summary: "List payouts in a state, oldest first",
  description: "Those that are `pending` wait for the operator to pay them and say so.",
  request: { query: PayoutQuery },
  responses: {
    200: {
      description: "A page of payouts",
      content: { "application/json": { schema: pageOf(TreasuryPayout) } },
    },
    ...refused,
  },
});

payouts.openapi(list, async (c) => {
  const { state, unit, ...query } = c.req.valid("query");
  const page = unwrap(await treasuryOf(c.env, unit).payouts(state, query));
  linkNextPage(c, page);
  return c.json(page, 200);
});

const params = z.strictObject({ id: PayoutId });
const said = {
  200: { description: "The payout", content: { "application/json": { schema: TreasuryPayout } } },
  ...refused,
  ...problemAnswers("not_found", "payout_not_pending"),
};

const markPaid = createRoute({
  ...forOperator,
  method: "post",
  path: "/payouts/{id}/paid",
  summary: "Say that a payout was paid",
  description: "Once; the same reference again changes nothing.",
  request: { params, body: { required: true, content: { "application/json": { schema: PaidRequest } } } },
  responses: said,
});

payouts.openapi(markPaid, async (c) => {
  const { reference } = c.req.valid("json");
  return c.json(await sayOfPayout(c.env, c.req.valid("param").id, { state: "paid", reference }), 200);
});

const markReturned = createRoute({
  ...forOperator,
  method: "post",
  path: "/payouts/{id}/returned",
  summary: "Say that a payout will not be paid",
  description: "What it was for is payable to the provider again. The same detail again changes nothing.",
  request: { params, body: { required: true, content: { "application/json": { schema: ReturnedRequest } } } },
  responses: said,
});

payouts.openapi(markReturned, async (c) => {
  const { detail } = c.req.valid("json");
  return c.json(await sayOfPayout(c.env, c.req.valid("param").id, { state: "returned", detail }), 200);
});

const read = createRoute({
  ...forOperator,
  method: "get",
  path: "/treasury",
  summary: "Read how paying providers goes",
  description:
    "For each unit: what the operator's own funds owe and have paid, and every escrow that payouts are held up from. `audit=true` goes through the whole book.",
  request: { query: z.strictObject({ audit: z.stringbool().default(false) }) },
  responses: {
    200: {
      description: "The treasuries",
      content: { "application/json": { schema: z.strictObject({ data: z.array(Treasury) }) } },
    },
    ...refused,
  },
});

payouts.openapi(read, async (c) => {
  const { audit } = c.req.valid("query");
  const answers = await Promise.all(UNITS.map((unit) => treasuryOf(c.env, unit).read(audit)));
  return c.json({ data: answers.map(unwrap) }, 200);
});

const acknowledge = createRoute({
  ...forOperator,
  method: "post",
  path: "/treasury/acknowledgements",
  summary: "Let payouts from a halted escrow go on",
  description:
    "What the chain says of it is taken for right, and the difference booked as moved by other hands. Look before: a payment that was under way under a number that others took is given up, and its payouts are sent anew.",
  request: { body: { required: true, content: { "application/json": { schema: Acknowledgement } } } },
  responses: {
    200: { description: "The treasury", content: { "application/json": { schema: Treasury } } },
    ...refused,
    ...problemAnswers("unavailable", "chain_unavailable", "chain_contradicts"),
  },
});

payouts.openapi(acknowledge, async (c) => {
  const { unit, escrow } = c.req.valid("json");
  return c.json(unwrap(await treasuryOf(c.env, unit).acknowledge(escrow)), 200);
});
