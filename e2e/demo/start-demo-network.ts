import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createApiKey } from "../network/account.ts";
import { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { type RunnerOptions, type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { stopAll } from "../network/stop-all.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { trustReferee } from "../network/trust-referee.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../network/webhook-receiver.ts";

export interface DemoNetwork {
  edge: EdgeProcess;
  /** Those that compute; the referee is not among them. */
  runners: RunnerProcess[];
  referee: RunnerProcess;
  receiver: WebhookReceiver;
  client: ApiClient;
  apiKey: string;
}

/** Three that compute what they are given, and one that is honest until it is told otherwise. */
const HONEST = ["ada", "grace", "edsger"];
export const DISHONEST = "mallory";
/** Decides disagreements and nothing else; the operator trusts it. */
const REFEREE = "themis";
const SLEEPER_RUNNER = fileURLToPath(new URL("../fixtures/sleeper-runner.ts", import.meta.url));
/** Short, so that the seed of the draws is published before the demo ends. */
const EPOCH_MS = 2_000;
/** A thousand times what a core is worth, or a job of a second would cost a few millionths. */
const PRICE_MICRO_PER_CORE_HOUR = 50_000_000;

/** Everything of the demo that is a process, on free ports and in a temporary folder. */
export async function startDemoNetwork(cleanup: Cleanup): Promise<DemoNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const receiver = await startWebhookReceiver();
  cleanup.add(receiver.close);
  const edge = await startEdge({
    state: join(folder.path, "edge"),
    environment: {
      EPOCH_MS: String(EPOCH_MS),
      PRICE_MICRO_PER_CORE_HOUR: String(PRICE_MICRO_PER_CORE_HOUR),
    },
  });
  cleanup.add(() => stopAll([edge.program]));
  const start = async (name: string, options: Pick<RunnerOptions, "file" | "args" | "environment"> = {}) => {
    const runner = await startRunner({ edgeUrl: edge.url, name, folder: folder.path, ...options });
    cleanup.add(() => stopAll([runner.program]));
    return runner;
  };
  const [referee, ...runners] = await Promise.all([
    start(REFEREE, { args: ["--referee"] }),
    ...HONEST.map((name) => start(name)),
    start(DISHONEST, { file: SLEEPER_RUNNER, environment: { WRONG_SHARE: "0.1" } }),
  ]);
  await trustReferee(edge, referee.id);
  const { api_key } = await createApiKey(edge, "demo");
  return { edge, runners, referee, receiver, client: new ApiClient(edge.url, api_key), apiKey: api_key };
}
