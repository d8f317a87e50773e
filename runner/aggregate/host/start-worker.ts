import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { loadWorker } from "./load-worker.ts";
import { ObjectNamespace } from "./objects/object-namespace.ts";
import { createPlatform, type WorkerLog } from "./platform.ts";
import { D1Database } from "./storage/d1-database.ts";
import { DiskService } from "./storage/disk-service.ts";
import { DurableDatabase } from "./storage/durable-database.ts";
import { applyIndexMigrations } from "./storage/index-migrations.ts";
import { readWorkerConfig } from "./worker-config.ts";

/** The Worker as it was built, and what belongs to it. */
export interface WorkerFiles {
  /** Its wrangler.toml. */
  config: string;
  main: string;
  /** Folder of the D1 database's migrations. */
  migrations: string;
}

export interface WorkerOptions {
  files: WorkerFiles;
  /** Folder of the objects' files and of the index. */
  resources: string;
  blobs: string;
  /** Variables and secrets, over those of wrangler.toml. */
  bindings: Readonly<Record<string, string>>;
  /** Addresses that the Worker may open connections to. */
  network: "public" | "any";
  log: WorkerLog;
}

export interface RunningWorker {
  fetch: (request: Request) => Promise<Response>;
  /** Sets one more variable. */
  bind: (name: string, value: string) => void;
  logFailure: (error: unknown) => void;
  /** How many objects are in memory. */
  countObjects: () => number;
  stop: () => void;
}

/** Runs the Worker in this process: the same code that the edge runs, on Node's own SQLite and files. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { files, resources } = options;
  const config = readWorkerConfig(files.config);
  mkdirSync(resources, { recursive: true });
  const index = new DurableDatabase(join(resources, "index.sqlite"));
  applyIndexMigrations(index, files.migrations);
  let isStopped = false;
  // What is cut off by the end says so, and nobody wants to know.
  const platform = createPlatform(options.network, (level, message) => {
    if (!isStopped) options.log(level, message);
  });
  const { logFailure } = platform;
  const worker = await loadWorker(files.main, config, platform);

  const env: Record<string, unknown> = { ...config.vars, ...options.bindings };
  env[config.d1_databases[0].binding] = new D1Database(index);
  env.DISK = new DiskService(options.blobs);
  const namespaces = config.durable_objects.bindings.map(({ name, class_name }) => {
    const namespace = new ObjectNamespace({
      name: class_name,
      objectClass: worker.objectClass(class_name),
      env,
      folder: join(resources, class_name),
      logFailure,
    });
    env[name] = namespace;
    return namespace;
  });
  const context = {
    waitUntil: (work: Promise<unknown>): void => void work.catch(logFailure),
    passThroughOnException: (): void => undefined,
  };
  void Promise.all(namespaces.map((namespace) => namespace.wake())).catch(logFailure);
  const sweep = setInterval(() => {
    for (const namespace of namespaces) namespace.dropIdle();
  }, LIMITS.aggregate_object_idle_ms / 2);
  sweep.unref();

  return {
    fetch: async (request) => worker.fetch(request, env, context),
    bind: (name, value) => {
      env[name] = value;
    },
    logFailure,
    countObjects: () => namespaces.reduce((sum, { size }) => sum + size, 0),
    stop: () => {
      isStopped = true;
      clearInterval(sweep);
      for (const namespace of namespaces) namespace.stop();
      index.close();
      platform.close();
    },
  };
}
