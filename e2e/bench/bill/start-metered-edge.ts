import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { findFreePort } from "@infernet/edge/host/free-port";
import { applyIndexMigrations } from "@infernet/edge/host/index-migrations";
import { startWorkerHost } from "@infernet/edge/host/worker-host";
import { loadWorkerSecrets } from "@infernet/edge/host/worker-secrets";
import { exitCodeOf, spawnWrangler } from "@infernet/edge/host/wrangler-cli";
import { z } from "zod";
import type { Cleanup } from "../../network/cleanup.ts";
import { createTempFolder } from "../../network/temp-folder.ts";

export interface MeteredEdge {
  url: string;
  operatorKey: string;
  /** What was used since the last reading, by `kind by`. */
  takeMeter: () => Promise<Record<string, number>>;
  /** Fires a partition's alarm as if it were that much later. */
  sweep: (object: string, ahead_ms: number) => Promise<void>;
}

const ROOT = resolve(import.meta.dirname, "../../..");
const LOOPBACK = "127.0.0.1";
const Meter = z.record(z.string(), z.number());

/** The edge of `edge/metering/`, built and served like the edge itself, with its state in a temporary folder. */
export async function startMeteredEdge(cleanup: Cleanup): Promise<MeteredEdge> {
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const folder = {
    resources: join(path, "resources"),
    blobs: join(path, "blobs"),
    operatorKeyFile: join(path, "operator.key"),
    webhookKeyFile: join(path, "webhook.key"),
    networkKeyFile: join(path, "network.key"),
    aggregatorKeyFile: join(path, "aggregator.key"),
    workerdPidFile: join(path, "workerd.pid"),
  };
  mkdirSync(folder.blobs, { recursive: true });
  const dist = join(path, "dist");
  const build = ["deploy", "edge/metering/index.ts", "--dry-run", "--outdir", dist];
  const code = await exitCodeOf(spawnWrangler(ROOT, build, { WRANGLER_LOG: "warn" }));
  if (code !== 0) throw new Error(`wrangler ended with ${code}`);

  const port = await findFreePort(LOOPBACK);
  const url = `http://${LOOPBACK}:${port}`;
  const secrets = loadWorkerSecrets(folder, {});
  const host = await startWorkerHost({
    root: ROOT,
    dist,
    folder,
    host: LOOPBACK,
    port,
    bindings: { ...secrets, PUBLIC_URL: url, ALLOW_PRIVATE_WEBHOOKS: "true" },
    network: "any",
    log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
  });
  cleanup.add(host.stop);
  await applyIndexMigrations(host.index, join(ROOT, "db/index/migrations"));
  const ask = async (route: string) => {
    const answer = await fetch(`${url}${route}`);
    if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    url,
    operatorKey: secrets.INFERNET_OPERATOR_KEY,
    takeMeter: async () => Meter.parse(await ask("/meter")),
    sweep: async (object, ahead_ms) => {
      await ask(`/meter/sweep?object=${object}&ahead_ms=${ahead_ms}`);
    },
  };
}
