import { AccountCreated } from "@infernet/schemas/account";
import { callEdge, json, OPERATOR } from "./call-edge.ts";

export interface TestAccount extends AccountCreated {
  /** Headers that speak for the account. */
  headers: { Authorization: string };
}

/** A fresh account, made as an operator makes one, with credit for all that a test may want. */
export async function createTestAccount(name = "test", credit_micro = "1000000000"): Promise<TestAccount> {
  const answer = await callEdge("/accounts", json({ name, credit_micro }, OPERATOR));
  const account = AccountCreated.parse(await answer.json());
  return { ...account, headers: { Authorization: `Bearer ${account.api_key}` } };
}
