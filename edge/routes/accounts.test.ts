import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { AccountCreated, ApiKey } from "@infernet/schemas/account";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, expect, test } from "vitest";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { createTestAccount } from "../testing/test-account.ts";

afterEach(reset);

test("the operator makes an account and sees its key once", async () => {
  const answer = await callEdge("/accounts", json({ name: "Acme" }, OPERATOR));
  expect(answer.status).toBe(201);
  const account = AccountCreated.parse(await answer.json());
  expect(account.name).toBe("Acme");
  expect(ApiKey.parse(account.api_key)).toContain(account.id.slice(5));
});

test("only the sha256 of a key is stored", async () => {
  const account = await createTestAccount();
  const stub = env.ACCOUNT.getByName(account.id);
  const keys = await runInDurableObject(stub, (_, state) =>
    state.storage.sql.exec("SELECT * FROM api_keys").toArray(),
  );
  expect(keys).toHaveLength(1);
  expect(JSON.stringify(keys)).not.toContain(account.api_key.slice(38));
});

test("nobody else makes accounts", async () => {
  const wrong = await callEdge(
    "/accounts",
    json({ name: "Mallory" }, { Authorization: "Bearer infop_guess" }),
  );
  expect(wrong.status).toBe(401);
  expect(Problem.parse(await wrong.json()).code).toBe("authentication_failed");
  const client = await createTestAccount();
  expect((await callEdge("/accounts", json({ name: "Mallory" }, client.headers))).status).toBe(401);
});

test("a deployment without an operator key says so instead of letting anyone in", async () => {
  const answer = await callEdge("/accounts", json({ name: "x" }, { Authorization: "Bearer " }), {
    INFERNET_OPERATOR_KEY: "",
  });
  expect(answer.status).toBe(503);
  expect(Problem.parse(await answer.json()).detail).toContain("INFERNET_OPERATOR_KEY");
});
