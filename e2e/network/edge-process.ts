import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Program, startProgram } from "./program.ts";

export interface EdgeProcess {
  url: string;
  port: number;
  operatorKey: string;
  state: string;
  program: Program;
}

export interface EdgeOptions {
  state: string;
  /** The port of an earlier edge, to start again where its clients look for it; else a free one. */
  port?: number;
  environment?: Record<string, string>;
}

const SERVE = fileURLToPath(new URL("../../edge/host/serve.ts", import.meta.url));
const Listening = z.object({ url: z.url(), operatorKeyFile: z.string() });
const HEALTH_MS_MAX = 20_000;
const HEALTH_POLL_MS = 25;

/** Starts the built edge as `npm run serve` does, and waits until it is healthy. Webhooks may go to this machine. */
export async function startEdge({ state, port = 0, environment = {} }: EdgeOptions): Promise<EdgeProcess> {
  const program = startProgram({
    name: "edge",
    file: SERVE,
    args: ["--json", "--port", String(port), "--state", state],
    environment: { ALLOW_PRIVATE_WEBHOOKS: "true", INFERNET_OPERATOR_KEY: "", ...environment },
  });
  const { url, operatorKeyFile } = Listening.parse(await program.waitFor("listening"));
  await waitUntilHealthy(url);
  const operatorKey = readFileSync(operatorKeyFile, "utf8").trim();
  return { url, port: Number(new URL(url).port), operatorKey, state, program };
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
