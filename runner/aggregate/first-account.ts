import { existsSync, readFileSync } from "node:fs";
import { AccountCreated } from "@infernet/schemas/account";
import { loadSecret } from "./secret-file.ts";

/** A million units, which nobody has paid: it is the owner's own network. */
const CREDIT_MICRO = "1000000000000";

export interface AccountMaker {
  /** Answers a request to the aggregator. */
  fetch: (request: Request) => Promise<Response>;
  url: string;
  operatorKey: string;
}

/**
 * The API key of the owner's own account, which the first start makes, with credit. A crash before the key is in its file
 * leaves an account that nobody can use, and the next start makes another.
 */
export async function loadFirstAccount(
  file: string,
  { fetch, url, operatorKey }: AccountMaker,
): Promise<string> {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const response = await fetch(
    new Request(`${url}/accounts`, {
      method: "POST",
      headers: { Authorization: `Bearer ${operatorKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({ name: "local", credit_micro: CREDIT_MICRO }),
    }),
  );
  if (!response.ok) throw new Error(`POST /accounts answered ${response.status}: ${await response.text()}`);
  const { api_key } = AccountCreated.parse(await response.json());
  return loadSecret(file, () => api_key);
}
