import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";

/** Processor time so far, in units that only their ratio matters of. */
export interface CpuTimes {
  total: number;
  busy: number;
  /** Of this process and all that it has started. */
  own: number;
}

/** Ticks of a second, in `/proc` and in what Node makes of it: USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/**
 * Only Linux tells here which process took which time: elsewhere the times say something about others only while this runner
 * has no work, and are null while it has.
 */
export async function readCpuTimes(hasWork: boolean): Promise<CpuTimes | null> {
  const isTold = process.platform === "linux";
  if (!isTold && hasWork) return null;
  let total = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, busy: total - idle, own: isTold ? (await ownTicks()) * MS_PER_TICK : 0 };
}

/** The share of all cores that others used between two readings. */
export function othersShare(before: CpuTimes, after: CpuTimes): number | null {
  const total = after.total - before.total;
  if (total <= 0) return null;
  const others = after.busy - before.busy - Math.max(0, after.own - before.own);
  return Math.min(1, Math.max(0, others / total));
}

/** Of this process and its descendants, and of those of their children that have ended. */
async function ownTicks(): Promise<number> {
  const all = new Map<number, { parent: number; ticks: number }>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => null);
    // proc_pid_stat(5): fields count from behind the command's closing parenthesis, where the third is.
    const fields = stat
      ?.slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields ?? [];
    const ticks = (fields ?? []).slice(11, 15).reduce((sum, n) => sum + n, 0);
    all.set(Number(name), { parent, ticks });
  }
  const isOwn = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = all.get(at)?.parent)
      if (at === process.pid) return true;
    return false;
  };
  return [...all].filter(([pid]) => isOwn(pid)).reduce((sum, [, { ticks }]) => sum + ticks, 0);
}
