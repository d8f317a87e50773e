import { AccountCreated } from "@infernet/schemas/account";
import { callEdge, json, OPERATOR } from "./call-edge.ts";

export interface TestAccount extends AccountCreated {
  /** Headers that speak for the account. */
  headers: { Authorization: string };
}

/** A fresh account, made as an operator makes one. */
export async function createTestAccount(name = "test"): Promise<TestAccount> {
  const answer = await callEdge("/accounts", json({ name }, OPERATOR));
  const account = AccountCreated.parse(await answer.json());
  return { ...account, headers: { Authorization: `Bearer ${account.api_key}` } };
}
