import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { createAccount } from "../network/account.ts";
import type { ApiClient } from "../network/api-client.ts";
import { Cleanup } from "../network/cleanup.ts";
import { type EdgePlatform, type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { type RunnerOptions, type RunnerProcess, startRunner } from "../network/runner-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../network/webhook-receiver.ts";

/** The processes of one test file. */
export interface LiveEdge {
  readonly edge: EdgeProcess;
  readonly client: ApiClient;
  readonly receiver: WebhookReceiver;
  /** A folder of this file's own. */
  readonly folder: string;
  addRunner: (
    name: string,
    options?: Pick<RunnerOptions, "file" | "args" | "environment">,
  ) => Promise<RunnerProcess>;
  /** Starts the edge again where it was. */
  restartEdge: () => Promise<void>;
}

/** One edge for a whole test file, an account on it, and a webhook receiver; all ended after the last test. */
export function useEdge(
  environment: Record<string, string> = {},
  platform: EdgePlatform = "workerd",
): LiveEdge {
  const cleanup = new Cleanup();
  let live: Pick<LiveEdge, "edge" | "client" | "receiver" | "folder"> | undefined;
  const started = () => {
    if (!live) throw new Error("the edge has not started");
    return live;
  };
  const launch = async (folder: string, port?: number) => {
    const edge = await startEdge({
      state: join(folder, "edge"),
      platform,
      environment,
      ...(port ? { port } : {}),
    });
    cleanup.add(edge.program.kill);
    return edge;
  };

  beforeAll(async () => {
    const folder = createTempFolder();
    cleanup.add(folder.remove);
    const receiver = await startWebhookReceiver();
    cleanup.add(receiver.close);
    const edge = await launch(folder.path);
    live = { edge, receiver, folder: folder.path, client: await createAccount(edge, "live tests") };
  });
  afterAll(() => cleanup.run());

  return {
    get edge() {
      return started().edge;
    },
    get client() {
      return started().client;
    },
    get receiver() {
      return started().receiver;
    },
    get folder() {
      return started().folder;
    },
    addRunner: async (name, options = {}) => {
      const { edge, folder } = started();
      const runner = await startRunner({ edgeUrl: edge.url, name, folder, ...options });
      cleanup.add(runner.program.kill);
      return runner;
    },
    restartEdge: async () => {
      const { edge, folder, ...rest } = started();
      live = { ...rest, folder, edge: await launch(folder, edge.port) };
    },
  };
}
