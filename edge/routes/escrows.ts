import { createRoute, z } from "@hono/zod-openapi";
import { Escrow, EscrowRegistration } from "@infernet/schemas/escrow";
import { LIMITS } from "@infernet/schemas/limits";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { unwrap } from "../rpc.ts";
import { escrowTreasury } from "../treasury/treasury-of.ts";

/** Escrows that an account's jobs are paid from. */
export const escrows = createRouter();

const problems = problemAnswers(
  "authentication_missing",
  "authentication_failed",
  "request_invalid",
  "unavailable",
  "chain_unavailable",
  "chain_contradicts",
);

const register = createRoute({
  method: "post",
  path: "/account/escrows",
  tags: ["Accounts"],
  summary: "Pay jobs from an escrow",
  description:
    "The voucher is the escrow's client's signature over how much may be released in all: jobs can cost that much together, and never more than lies in the escrow. Send a new one to raise it, or the same again after paying in more.",
  security: [{ account: [] }],
  middleware: [requireAccount, limitBody(LIMITS.json_body_bytes_max)],
  request: { body: { required: true, content: { "application/json": { schema: EscrowRegistration } } } },
  responses: {
    200: { description: "The escrow", content: { "application/json": { schema: Escrow } } },
    ...problems,
    ...problemAnswers(
      "escrow_unknown",
      "escrow_expired",
      "escrow_mint",
      "escrow_aggregator",
      "escrow_fee",
      "escrow_payees",
      "escrow_taken",
      "voucher_invalid",
      "voucher_below_captured",
    ),
  },
});

escrows.openapi(register, async (c) => {
  const { id: account_id } = c.get("account");
  const { escrow: address, voucher } = c.req.valid("json");
  const { unit, treasury } = escrowTreasury(c.env);
  const escrow = unwrap(await treasury.register({ account_id, escrow: address, voucher }));
  await c.env.ACCOUNT.getByName(account_id).deposit(escrow, unit);
  return c.json(escrow, 200);
});

const list = createRoute({
  method: "get",
  path: "/account/escrows",
  tags: ["Accounts"],
  summary: "List the escrows that jobs can be paid from",
  description: "Each as the chain has it now: what was paid in since can be spent from here on.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  responses: {
    200: {
      description: "The escrows",
      content: { "application/json": { schema: z.strictObject({ data: z.array(Escrow) }) } },
    },
    ...problems,
  },
});

escrows.openapi(list, async (c) => {
  const account = c.env.ACCOUNT.getByName(c.get("account").id);
  const data: Escrow[] = [];
  for (const { escrow: address } of await account.escrows()) {
    const { unit, treasury } = escrowTreasury(c.env);
    const escrow = unwrap(await treasury.refresh(address));
    await account.deposit(escrow, unit);
    data.push(escrow);
  }
  return c.json({ data }, 200);
});
