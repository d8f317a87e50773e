import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobEscrow } from "../chain/settlement-chain.ts";
import { createApiKey } from "../network/account.ts";
import { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { type RunnerOptions, type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { stopAll } from "../network/stop-all.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { trustReferee } from "../network/trust-referee.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../network/webhook-receiver.ts";
import { bondRunners, type DemoMoney, openDemoEscrow, startDemoMoney } from "./demo-money.ts";

export interface DemoNetwork {
  edge: EdgeProcess;
  /** Those that compute; the referee is not among them. */
  runners: RunnerProcess[];
  referee: RunnerProcess;
  receiver: WebhookReceiver;
  client: ApiClient;
  apiKey: string;
  money: DemoMoney;
  /** What the client's jobs are paid from. */
  escrow: JobEscrow;
}

/** Three that compute what they are given, and one that is honest until it is told otherwise. */
const HONEST = ["ada", "grace", "edsger"];
export const DISHONEST = "mallory";
/** Decides disagreements and nothing else; the operator trusts it. */
const REFEREE = "themis";
const SLEEPER_RUNNER = fileURLToPath(new URL("../fixtures/sleeper-runner.ts", import.meta.url));
/** Short, so that the seed of the draws is published before the demo ends. */
const EPOCH_MS = 2_000;
/** A hundred thousand times what a core is worth, or a job of a second would cost a few millionths. */
const PRICE_MICRO_PER_CORE_HOUR = 5_000_000_000;
/** Long enough for the cheat to be caught while it can lose what it earned before, and short enough to wait for. */
const HOLD_MS = 12_000;

/** Everything of the demo that is a process, on free ports and in a temporary folder. */
export async function startDemoNetwork(cleanup: Cleanup): Promise<DemoNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const receiver = await startWebhookReceiver();
  cleanup.add(receiver.close);
  const money = await startDemoMoney();
  cleanup.add(() => stopAll([money.chain.process]));
  const edge = await startEdge({
    state: join(folder.path, "edge"),
    environment: {
      EPOCH_MS: String(EPOCH_MS),
      PRICE_MICRO_PER_CORE_HOUR: String(PRICE_MICRO_PER_CORE_HOUR),
      HOLD_MS: String(HOLD_MS),
      ...money.environment,
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
  await bondRunners(money, [...runners, referee]);
  const { api_key } = await createApiKey(edge, "demo", "0");
  const client = new ApiClient(edge.url, api_key);
  const escrow = await openDemoEscrow(money, client);
  return { edge, runners, referee, receiver, client, apiKey: api_key, money, escrow };
}
