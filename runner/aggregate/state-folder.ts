import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RunnerError } from "../runner-error.ts";

/** Where one aggregator keeps everything. Keys have the names that they have where the edge hosts itself. */
export interface StateFolder {
  path: string;
  /** SQLite of the objects and of the index. */
  resources: string;
  blobs: string;
  operatorKeyFile: string;
  webhookKeyFile: string;
  networkKeyFile: string;
  aggregatorKeyFile: string;
  /** API key of the account that is made at the first start. */
  accountKeyFile: string;
  /** Gives the folder up. */
  close: () => void;
}

/**
 * Opens a state folder for this process alone: the lock is SQLite's on a file, which the kernel drops when the process is
 * killed.
 *
 * @throws RunnerError state_in_use when a live process has the folder
 */
export function openStateFolder(directory: string): StateFolder {
  const path = resolve(directory);
  const blobs = join(path, "blobs");
  mkdirSync(path, { recursive: true, mode: 0o700 });
  mkdirSync(blobs, { recursive: true });
  const lock = new DatabaseSync(join(path, "lock"));
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new RunnerError("state_in_use", `another aggregator or edge is running on ${path}`, { cause });
  }
  return {
    path,
    resources: join(path, "objects"),
    blobs,
    operatorKeyFile: join(path, "operator.key"),
    webhookKeyFile: join(path, "webhook.key"),
    networkKeyFile: join(path, "network.key"),
    aggregatorKeyFile: join(path, "aggregator.key"),
    accountKeyFile: join(path, "account.key"),
    close: () => lock.close(),
  };
}
