import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";

export interface EdgeProcess {
  /** As it is reached from here. */
  url: string;
  port: number;
  operatorKey: string;
  state: string;
  program: Program;
}

/** What runs the Worker: workerd, as `npm run serve` does, or Node, as `infernet-runner aggregate` does. */
export type EdgePlatform = "workerd" | "node";

export interface EdgeOptions {
  state: string;
  platform?: EdgePlatform;
  /** The port of an earlier edge, to start again where its clients look for it; else a free one. */
  port?: number;
  environment?: Record<string, string>;
  /** The machine that it is to run on, and how it is reached from here; without it, here on loopback. */
  site?: EdgeSite;
}

export interface EdgeSite {
  host: string;
  start: (options: ProgramOptions) => Program;
  reach: (port: number) => Promise<string>;
}

const HERE: EdgeSite = {
  host: "127.0.0.1",
  start: startProgram,
  reach: async (port) => `http://127.0.0.1:${port}`,
};

const COMMANDS: Record<EdgePlatform, { file: string; args: string[] }> = {
  workerd: { file: fileURLToPath(new URL("../../edge/host/serve.ts", import.meta.url)), args: [] },
  node: { file: fileURLToPath(import.meta.resolve("infernet-runner/main")), args: ["aggregate"] },
};
const Listening = z.object({ url: z.url(), operatorKeyFile: z.string() });
const HEALTH_MS_MAX = 20_000;
const HEALTH_POLL_MS = 25;

/** Starts the built edge, on workerd where nothing is said, and waits until it is healthy. Webhooks may go to this machine. */
export async function startEdge(options: EdgeOptions): Promise<EdgeProcess> {
  const { state, port = 0, platform = "workerd", environment = {}, site = HERE } = options;
  const { file, args } = COMMANDS[platform];
  const program = site.start({
    name: "edge",
    file,
    args: [...args, "--json", "--host", site.host, "--port", String(port), "--state", state],
    environment: { ALLOW_PRIVATE_WEBHOOKS: "true", INFERNET_OPERATOR_KEY: "", ...environment },
  });
  const listening = Listening.parse(await program.waitFor("listening"));
  const bound = Number(new URL(listening.url).port);
  const url = await site.reach(bound);
  await waitUntilHealthy(url);
  const operatorKey = readFileSync(listening.operatorKeyFile, "utf8").trim();
  return { url, port: bound, operatorKey, state, program };
}

async function waitUntilHealthy(url: string): Promise<void> {
  const giveUpAt = performance.now() + HEALTH_MS_MAX;
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok) return;
    if (performance.now() > giveUpAt) {
      throw new Error(`${url}/health answered ${answer?.status ?? "nothing"} for ${HEALTH_MS_MAX} ms`);
    }
    await delay(HEALTH_POLL_MS);
  }
}
