import { AccountCreated } from "@infernet/schemas/account";
import { ApiClient } from "./api-client.ts";
import type { EdgeProcess } from "./edge-process.ts";

type EdgeAddress = Pick<EdgeProcess, "url" | "operatorKey">;

/** Makes an account with the operator's key and gives a client with the account's own. */
export async function createAccount(edge: EdgeAddress, name: string): Promise<ApiClient> {
  return new ApiClient(edge.url, (await createApiKey(edge, name)).api_key);
}

export async function createApiKey(edge: EdgeAddress, name: string): Promise<AccountCreated> {
  const { status, body } = await new ApiClient(edge.url, edge.operatorKey).send("POST", "/accounts", {
    name,
  });
  if (status !== 201) throw new Error(`POST /accounts answered ${status}: ${JSON.stringify(body)}`);
  return AccountCreated.parse(body);
}
