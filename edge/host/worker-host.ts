import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, MiniflareCoreError } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from "wrangler";
import { z } from "zod";
import type { StateFolder } from "./state-folder.ts";
import { listWorkerModules } from "./worker-modules.ts";

export interface WorkerHostOptions {
  /** Folder of wrangler.toml. */
  root: string;
  /** Folder of the built Worker. */
  dist: string;
  folder: Pick<StateFolder, "resources" | "blobs" | "workerdPidFile">;
  host: string;
  port: number;
  /** Variables and secrets, over those of wrangler.toml. */
  bindings: Readonly<Record<string, string>>;
  /** Addresses that the Worker may open connections to. */
  network: "public" | "any";
  log: (level: string, message: string) => void;
}

export interface WorkerHost {
  index: Awaited<ReturnType<Miniflare["getD1Database"]>>;
  stop: () => Promise<void>;
}

const Variables = z.record(z.string(), z.json());

const LOOPBACK = "127.0.0.1";

/** Every outgoing connection of the Worker passes here; workerd looks at the address after resolving the name. */
const PUBLIC_NETWORK = {
  name: "public-network",
  compatibilityDate: "2026-10-20",
  modules: [
    {
      type: "ESModule" as const,
      path: "public-network.js",
      contents: "export default { fetch: (request, { NETWORK }) => NETWORK.fetch(request) };",
    },
  ],
  serviceBindings: { NETWORK: { network: { allow: ["public"], tlsOptions: { trustBrowserCas: true } } } },
};

/**
 * Runs the built Worker on workerd with its state on disk. Requests come in by a socket of the Worker's own: Miniflare's
 * entry Worker, made for development, costs 0.3 to 0.5 ms of CPU a request. Its options named `unsafe` stay in this file.
 */
export async function startWorkerHost(options: WorkerHostOptions): Promise<WorkerHost> {
  const config = join(options.root, "wrangler.toml");
  const { dist } = options;
  const { workerOptions } = readWorkerOptions(config);
  // Without this guard a killed server leaves workerd running, listening, and holding the state folder.
  if (process.platform !== "win32") {
    process.env.MINIFLARE_WORKERD_PATH = fileURLToPath(new URL("workerd-guard.sh", import.meta.url));
  }
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: LOOPBACK,
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ level, message }) => options.log(level, message),
      resourcePersistencePath: options.folder.resources,
      unsafeRuntimeEnv: {
        INFERNET_WORKERD: workerdPath(),
        INFERNET_WORKERD_PID_FILE: options.folder.workerdPidFile,
      },
      workers: [
        {
          ...workerOptions,
          name: "infernet",
          modulesRoot: dist,
          modules: listWorkerModules(config, dist),
          bindings: { ...Variables.parse(workerOptions.bindings), ...options.bindings },
          serviceBindings: { DISK: { disk: { path: options.folder.blobs, writable: true } } },
          unsafeDirectSockets: [{ host: options.host, port: options.port }],
          ...(options.network === "public" ? { outboundService: PUBLIC_NETWORK.name } : {}),
        },
        ...(options.network === "public" ? [PUBLIC_NETWORK] : []),
      ],
    }),
  );
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    if (error instanceof MiniflareCoreError && error.code === "ERR_ADDRESS_IN_USE") {
      throw new Error(`Port ${options.port} on ${options.host} is taken; choose another with --port.`, {
        cause: error,
      });
    }
    throw error;
  }
  // Miniflare would end the process at once on these; whoever started it stops it in order.
  for (const signal of ["SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
  return { index: await miniflare.getD1Database("INDEX"), stop: () => miniflare.dispose() };
}

/** The binary of the workerd package that Miniflare itself would start. */
function workerdPath(): string {
  const requireBesideMiniflare = createRequire(import.meta.resolve("miniflare"));
  return z.object({ default: z.string() }).parse(requireBesideMiniflare("workerd")).default;
}
