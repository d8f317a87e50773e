import { AccountCreated } from "@infernet/schemas/account";
import { ApiClient } from "./api-client.ts";
import type { EdgeProcess } from "./edge-process.ts";

/** A million units: more than a test or a benchmark spends. */
const PLENTY_MICRO = "1000000000000";

type EdgeAddress = Pick<EdgeProcess, "url" | "operatorKey">;

/** Makes an account with the operator's key and gives a client with the account's own. */
export async function createAccount(edge: EdgeAddress, name: string): Promise<ApiClient> {
  return new ApiClient(edge.url, (await createApiKey(edge, name)).api_key);
}

/** @param credit_micro what it may spend, in micro-units */
export async function createApiKey(
  edge: EdgeAddress,
  name: string,
  credit_micro = PLENTY_MICRO,
): Promise<AccountCreated> {
  const { status, body } = await new ApiClient(edge.url, edge.operatorKey).send("POST", "/accounts", {
    name,
    credit_micro,
  });
  if (status !== 201) throw new Error(`POST /accounts answered ${status}: ${JSON.stringify(body)}`);
  return AccountCreated.parse(body);
}
