import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { clearOrphan } from "./orphan.ts";

/** Where one server keeps everything: objects and D1, blobs, and the keys. */
export interface StateFolder {
  path: string;
  /** SQLite of the objects and of D1. */
  resources: string;
  blobs: string;
  operatorKeyFile: string;
  webhookKeyFile: string;
  networkKeyFile: string;
  aggregatorKeyFile: string;
  workerdPidFile: string;
}

/**
 * Opens a state folder for this process alone. Two servers on one folder would corrupt it, so a lock is held until this
 * process ends: it is SQLite's lock on a file, which the kernel drops when the process is killed. A workerd left
 * behind by a killed server is stopped first.
 *
 * @throws Error when a live server has the folder
 */
export async function openStateFolder(directory: string): Promise<StateFolder> {
  const path = resolve(directory);
  const folder: StateFolder = {
    path,
    resources: join(path, "resources"),
    blobs: join(path, "blobs"),
    operatorKeyFile: join(path, "operator.key"),
    webhookKeyFile: join(path, "webhook.key"),
    networkKeyFile: join(path, "network.key"),
    aggregatorKeyFile: join(path, "aggregator.key"),
    workerdPidFile: join(path, "workerd.pid"),
  };
  mkdirSync(path, { recursive: true, mode: 0o700 });
  mkdirSync(folder.blobs, { recursive: true });
  holdLock(join(path, "lock"), path);
  await clearOrphan(folder.workerdPidFile);
  return folder;
}

/** Locks of this process, kept reachable: a collected connection would give its lock back. */
const held: DatabaseSync[] = [];

function holdLock(file: string, folder: string): void {
  const lock = new DatabaseSync(file);
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new Error(
      `Another server is running on ${folder}. Stop it, or choose another folder with --state.`,
      {
        cause,
      },
    );
  }
  held.push(lock);
}
