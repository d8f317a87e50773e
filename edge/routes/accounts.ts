import { createRoute, z } from "@hono/zod-openapi";
import { Account, AccountCreated, AccountRequest, ApiKey, GrantRequest } from "@infernet/schemas/account";
import { InfernetError } from "@infernet/schemas/errors";
import { AccountId, formatAccountId } from "@infernet/schemas/ids";
import { TransferJson } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { PageQuery, pageOf } from "@infernet/schemas/page";
import { base64urlnopad } from "@scure/base";
import { uuidv7 } from "uuidv7";
import { hashSecret } from "../http/compare-secrets.ts";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { linkNextPage } from "../http/link-next-page.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireAccount } from "../http/require-account.ts";
import { requireOperator } from "../http/require-operator.ts";
import { unwrap } from "../rpc.ts";

export const accounts = createRouter();

const create = createRoute({
  method: "post",
  path: "/accounts",
  tags: ["Accounts"],
  summary: "Make a client account",
  description: "For the operator. The answer shows the account's API key, once: only its hash is kept.",
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
  request: { body: { required: true, content: { "application/json": { schema: AccountRequest } } } },
  responses: {
    201: {
      description: "The account and its key",
      content: { "application/json": { schema: AccountCreated } },
    },
    ...problemAnswers("authentication_missing", "authentication_failed", "request_invalid"),
  },
});

accounts.openapi(create, async (c) => {
  const { name, credit_micro } = c.req.valid("json");
  const id = formatAccountId(uuidv7());
  const now = new Date();
  const api_key = ApiKey.parse(`infk_${id.slice("acct_".length)}_${randomSecret()}`);
  await c.env.ACCOUNT.getByName(id).create({
    id,
    name,
    key_sha256: await hashSecret(api_key),
    created_ms: now.getTime(),
    credit_micro,
  });
  return c.json({ id, object: "account" as const, name, api_key, created_at: now.toISOString() }, 201);
});

const grantFunds = createRoute({
  method: "post",
  path: "/accounts/{id}/grants",
  tags: ["Accounts"],
  summary: "Give an account credit",
  description:
    "For the operator: funds that no chain holds. The same id again gives nothing more, with another amount it is refused.",
  security: [{ operator: [] }],
  middleware: [requireOperator, limitBody(LIMITS.json_body_bytes_max)],
  request: {
    params: z.strictObject({ id: AccountId }),
    body: { required: true, content: { "application/json": { schema: GrantRequest } } },
  },
  responses: {
    200: { description: "The account", content: { "application/json": { schema: Account } } },
    ...problemAnswers(
      "authentication_missing",
      "authentication_failed",
      "request_invalid",
      "not_found",
      "ledger_conflict",
      "amount_invalid",
    ),
  },
});

accounts.openapi(grantFunds, async (c) => {
  const { id } = c.req.valid("param");
  const account = unwrap(await c.env.ACCOUNT.getByName(id).grant(c.req.valid("json")));
  if (account === null) throw new InfernetError("not_found", `There is no account ${id}.`);
  return c.json(account, 200);
});

const read = createRoute({
  method: "get",
  path: "/account",
  tags: ["Accounts"],
  summary: "Read your account",
  description: "What it can spend, what is set aside for jobs that are not over, and what jobs have cost.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  responses: {
    200: { description: "The account", content: { "application/json": { schema: Account } } },
    ...problemAnswers("authentication_missing", "authentication_failed"),
  },
});

accounts.openapi(read, async (c) => {
  const { id } = c.get("account");
  const account = await c.env.ACCOUNT.getByName(id).read();
  if (account === null) throw new InfernetError("not_found", `There is no account ${id}.`);
  return c.json(account, 200);
});

const readLedger = createRoute({
  method: "get",
  path: "/account/ledger",
  tags: ["Accounts"],
  summary: "Read your account's journal",
  description:
    "Every transfer, newest first. `pending` sets the most that a job can cost aside; `commit` spends what it has cost and gives back the rest.",
  security: [{ account: [] }],
  middleware: [requireAccount],
  request: { query: PageQuery },
  responses: {
    200: {
      description: "A page of the journal",
      content: { "application/json": { schema: pageOf(TransferJson) } },
    },
    ...problemAnswers("authentication_missing", "authentication_failed", "request_invalid"),
  },
});

accounts.openapi(readLedger, async (c) => {
  const page = unwrap(await c.env.ACCOUNT.getByName(c.get("account").id).ledger(c.req.valid("query")));
  linkNextPage(c, page);
  return c.json(page, 200);
});

const randomSecret = (): string => base64urlnopad.encode(crypto.getRandomValues(new Uint8Array(32)));
