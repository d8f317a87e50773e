import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in ticks of 10 ms (USER_HZ, fixed at 100 for user space). */
const TICK_MS = 10;
/** Positions in `/proc/PID/stat` after the program's name in parentheses (proc(5)). */
const FIELD = { parent: 1, user: 11, system: 12, ended_user: 13, ended_system: 14, resident: 21 };
/** Linux on x86-64 and most of arm64. */
const PAGE_BYTES = 4_096;

interface ProcessUse {
  parent: number;
  cpu_ms: number;
  resident_bytes: number;
}

/** Processor time that a process and all its descendants have used, the ended ones too, in milliseconds. Linux only. */
export const treeCpuMs = (root: number): number => treeUse(root).cpu_ms;

/** What a process and its descendants have used and take now: memory that they share is counted for each. Linux only. */
export function treeUse(root: number): Omit<ProcessUse, "parent"> {
  const processes = new Map(listProcesses());
  const total = { cpu_ms: 0, resident_bytes: 0 };
  for (const [pid, { cpu_ms, resident_bytes }] of processes) {
    if (!isUnder(pid, root, processes)) continue;
    total.cpu_ms += cpu_ms;
    total.resident_bytes += resident_bytes;
  }
  return total;
}

function isUnder(pid: number, root: number, processes: ReadonlyMap<number, ProcessUse>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = processes.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

function listProcesses(): [number, ProcessUse][] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): [number, ProcessUse][] => {
      const time = readProcess(name);
      return time === null ? [] : [[Number(name), time]];
    });
}

/** null when the process has ended meanwhile. */
function readProcess(pid: string): ProcessUse | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = [FIELD.user, FIELD.system, FIELD.ended_user, FIELD.ended_system].map((at) =>
      Number(fields[at]),
    );
    return {
      parent: Number(fields[FIELD.parent]),
      cpu_ms: ticks.reduce((sum, part) => sum + part) * TICK_MS,
      resident_bytes: Number(fields[FIELD.resident]) * PAGE_BYTES,
    };
  } catch {
    return null;
  }
}
