import { spawn } from "node:child_process";
import { entryPath } from "../../entry-path.ts";
import type { ContainerCliName } from "./container-cli.ts";
import { type ContainerLabels, PROCESS_LABEL } from "./container-identity.ts";

const started = new Set<string>();

/** Has the containers of this process ended when it is gone: see `reap-orphans.ts`. Once for each engine is enough. */
export function startReaper(cli: ContainerCliName, labels: ContainerLabels): void {
  if (started.has(cli)) return;
  started.add(cli);
  const label = `${PROCESS_LABEL}=${labels[PROCESS_LABEL]}`;
  // In a process group of its own: what ends the runner's whole group is what it is there for.
  const reaper = spawn(process.execPath, [entryPath("engine/oci/reap-orphans"), cli, label], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  reaper.on("error", () => started.delete(cli));
  reaper.once("exit", () => started.delete(cli));
  reaper.unref();
  // The pipe stays open as long as this process lives, and does not keep it alive.
  const { stdin } = reaper;
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
}
