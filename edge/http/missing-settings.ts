import { createMiddleware } from "hono/factory";
import { bootstrapFaults } from "../network/bootstrap-peers.ts";
import type { AppEnv } from "./app-env.ts";

/** What does not work in this deployment for want of a secret, or by a setting that cannot be used, one sentence each. */
export function missingSettings(
  env: Pick<Env, "INFERNET_OPERATOR_KEY" | "WEBHOOK_PRIVATE_KEY" | "NETWORK_PRIVATE_KEY" | "PEERS">,
): string[] {
  return [
    ...(env.INFERNET_OPERATOR_KEY ? [] : ["INFERNET_OPERATOR_KEY is not set: no accounts can be made."]),
    ...(env.WEBHOOK_PRIVATE_KEY ? [] : ["WEBHOOK_PRIVATE_KEY is not set: no webhooks can be sent."]),
    ...(env.NETWORK_PRIVATE_KEY ? [] : ["NETWORK_PRIVATE_KEY is not set: no jobs can be accepted."]),
    ...bootstrapFaults(env),
  ];
}

let reported = false;

/** Says once in each isolate's life what is missing or wrong: a Worker has no start-up to say it at. */
export const reportMissingSettings = createMiddleware<AppEnv>(async (c, next) => {
  if (!reported) {
    reported = true;
    for (const message of missingSettings(c.env)) console.error(JSON.stringify({ level: "error", message }));
  }
  await next();
});
