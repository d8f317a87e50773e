import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in ticks of 10 ms (USER_HZ, fixed at 100 for user space). */
const TICK_MS = 10;
/** Positions in `/proc/PID/stat` after the program's name in parentheses (proc(5)). */
const FIELD = { parent: 1, user: 11, system: 12 };

interface ProcessTime {
  parent: number;
  cpu_ms: number;
}

/** Processor time that a process and all its descendants alive now have used, in milliseconds. Linux only. */
export function treeCpuMs(root: number): number {
  const processes = new Map(listProcesses());
  let total = 0;
  for (const [pid, { cpu_ms }] of processes) if (isUnder(pid, root, processes)) total += cpu_ms;
  return total;
}

function isUnder(pid: number, root: number, processes: ReadonlyMap<number, ProcessTime>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = processes.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

function listProcesses(): [number, ProcessTime][] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): [number, ProcessTime][] => {
      const time = readProcess(name);
      return time === null ? [] : [[Number(name), time]];
    });
}

/** null when the process has ended meanwhile. */
function readProcess(pid: string): ProcessTime | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[FIELD.user]) + Number(fields[FIELD.system]);
    return { parent: Number(fields[FIELD.parent]), cpu_ms: ticks * TICK_MS };
  } catch {
    return null;
  }
}
