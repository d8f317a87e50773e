import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const EXIT_MS_MAX = 5_000;
const EXIT_POLL_MS = 20;

/**
 * Stops the workerd that a killed server left behind, if its guard was killed with it: it still holds the SQLite files.
 *
 * @param pidFile written by workerd-guard.sh
 */
export async function clearOrphan(pidFile: string): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === null || !environmentOf(pid).includes(`INFERNET_WORKERD_PID_FILE=${pidFile}`)) return;
  process.kill(pid, "SIGKILL");
  const giveUpAt = performance.now() + EXIT_MS_MAX;
  while (environmentOf(pid) !== "") {
    if (performance.now() > giveUpAt)
      throw new Error(`workerd (pid ${pid}) of an earlier server does not end.`);
    await delay(EXIT_POLL_MS);
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** The environment of a process as text, empty when it is gone: pids are used again, an environment says whose it is. */
function environmentOf(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/environ`, "utf8");
    return execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
