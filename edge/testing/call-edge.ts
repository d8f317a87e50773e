import { env } from "cloudflare:workers";
import { app } from "../app.ts";

/** Secrets and switches that a test sets; bindings are those of the Workers runtime under it. */
const SETTINGS: Partial<Env> = {
  INFERNET_OPERATOR_KEY: "infop_test",
  WEBHOOK_PRIVATE_KEY: btoa("0123456789abcdef0123456789abcdef"),
};

export const OPERATOR = { Authorization: `Bearer ${SETTINGS.INFERNET_OPERATOR_KEY}` };

/** One request to the whole edge, in this isolate. `settings` replaces what the deployment would have. */
export async function callEdge(
  path: string,
  init: RequestInit = {},
  settings: Partial<Env> = {},
): Promise<Response> {
  return app.fetch(new Request(`http://edge.test${path}`, init), { ...env, ...SETTINGS, ...settings });
}

/** A request's JSON body and what belongs to it. */
export const json = (value: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(value),
});
