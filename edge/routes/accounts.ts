import { createRoute } from "@hono/zod-openapi";
import { AccountCreated, AccountRequest, ApiKey } from "@infernet/schemas/account";
import { formatAccountId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { base64urlnopad } from "@scure/base";
import { uuidv7 } from "uuidv7";
import { hashSecret } from "../http/compare-secrets.ts";
import { createRouter } from "../http/create-router.ts";
import { limitBody } from "../http/limit-body.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { requireOperator } from "../http/require-operator.ts";

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
  const { name } = c.req.valid("json");
  const id = formatAccountId(uuidv7());
  const now = new Date();
  const api_key = ApiKey.parse(`infk_${id.slice("acct_".length)}_${randomSecret()}`);
  await c.env.ACCOUNT.getByName(id).create({
    id,
    name,
    key_sha256: await hashSecret(api_key),
    created_ms: now.getTime(),
  });
  return c.json({ id, object: "account" as const, name, api_key, created_at: now.toISOString() }, 201);
});

const randomSecret = (): string => base64urlnopad.encode(crypto.getRandomValues(new Uint8Array(32)));
