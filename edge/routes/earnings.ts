import { createRoute } from "@hono/zod-openapi";
import { Earnings, PayoutView } from "@infernet/schemas/earning";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { PayoutOrder } from "@infernet/schemas/payout";
import { z } from "zod";
import { createRouter } from "../http/create-router.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireRunner } from "../http/require-runner.ts";
import { unwrap } from "../rpc.ts";

/** A provider's own money: signed by its machine's key. */
export const earnings = createRouter();

const own = { tags: ["Providers"], security: [{ runner: [] }], middleware: [requireRunner] };
const problems = problemAnswers("signature_missing", "signature_invalid", "not_found", "request_invalid");

const read = createRoute({
  ...own,
  method: "get",
  path: "/providers/me/earnings",
  summary: "Read what this machine has earned",
  description:
    "Every job that it worked on: what that is worth, until when it is held, and what shows that it was sent. `sums` are those of all.",
  request: { query: PageQuery },
  responses: {
    200: { description: "A page of earnings", content: { "application/json": { schema: Earnings } } },
    ...problems,
  },
});

earnings.openapi(read, async (c) => {
  const page = unwrap(await c.env.PROVIDER.getByName(c.get("runner")).earnings(c.req.valid("query")));
  linkNextPage(c, page);
  return c.json(page, 200);
});

const listPayouts = createRoute({
  ...own,
  method: "get",
  path: "/providers/me/payouts",
  summary: "List what was sent to this machine's owner",
  request: { query: PageQuery },
  responses: {
    200: {
      description: "A page of payouts",
      content: { "application/json": { schema: pageOf(PayoutView) } },
    },
    ...problems,
  },
});

earnings.openapi(listPayouts, async (c) => {
  const page = unwrap(await c.env.PROVIDER.getByName(c.get("runner")).payouts(c.req.valid("query")));
  linkNextPage(c, page);
  return c.json(page, 200);
});

const Withdrawal = z.strictObject({ data: z.array(PayoutOrder) }).meta({ id: "Withdrawal" });

const withdraw = createRoute({
  ...own,
  method: "post",
  path: "/providers/me/payouts",
  summary: "Have everything sent that is payable",
  description:
    "One payout for each unit and each place that the money lies in. What is payable is sent without being asked for once it comes to enough.",
  responses: {
    202: { description: "What was ordered", content: { "application/json": { schema: Withdrawal } } },
    ...problems,
    ...problemAnswers("payout_cooling", "payout_too_small"),
  },
});

earnings.openapi(withdraw, async (c) => {
  const orders = unwrap(await c.env.PROVIDER.getByName(c.get("runner")).withdraw());
  return c.json({ data: orders }, 202);
});
