import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createApiKey } from "../network/account.ts";
import { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { stopAll } from "../network/stop-all.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../network/webhook-receiver.ts";

export interface DemoNetwork {
  edge: EdgeProcess;
  runners: RunnerProcess[];
  receiver: WebhookReceiver;
  client: ApiClient;
  apiKey: string;
}

/** Three that compute what they are given, and one whose answers are wrong in a tenth of the rows. */
const HONEST = ["ada", "grace", "edsger"];
export const DISHONEST = "mallory";
const DISHONEST_RUNNER = fileURLToPath(new URL("../fixtures/dishonest-runner.ts", import.meta.url));

/** Everything of the demo that is a process, on free ports and in a temporary folder. */
export async function startDemoNetwork(cleanup: Cleanup): Promise<DemoNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const receiver = await startWebhookReceiver();
  cleanup.add(receiver.close);
  const edge = await startEdge({ state: join(folder.path, "edge") });
  cleanup.add(() => stopAll([edge.program]));
  const start = async (name: string, file?: string) => {
    const runner = await startRunner({
      edgeUrl: edge.url,
      name,
      folder: folder.path,
      ...(file ? { file } : {}),
    });
    cleanup.add(() => stopAll([runner.program]));
    return runner;
  };
  const runners = await Promise.all([
    ...HONEST.map((name) => start(name)),
    start(DISHONEST, DISHONEST_RUNNER),
  ]);
  const { api_key } = await createApiKey(edge, "demo");
  return { edge, runners, receiver, client: new ApiClient(edge.url, api_key), apiKey: api_key };
}
