import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RunnerError } from "../runner-error.ts";
import type { WorkerFiles } from "./host/start-worker.ts";

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The edge's Worker: in a clone what `npm run build` made, in the published package a folder beside its programs.
 *
 * @throws RunnerError aggregator_missing
 */
export function findWorker(): WorkerFiles {
  const files = import.meta.url.endsWith(".ts")
    ? {
        config: place("../../wrangler.toml"),
        main: place("../../dist/index.js"),
        migrations: place("../../db/index/migrations"),
      }
    : {
        config: place("./aggregator/wrangler.toml"),
        main: place("./aggregator/index.js"),
        migrations: place("./aggregator/migrations"),
      };
  if (!existsSync(files.main)) throw new RunnerError("aggregator_missing", `${files.main} is not there`);
  return files;
}
