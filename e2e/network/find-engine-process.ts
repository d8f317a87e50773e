import { readdirSync, readFileSync } from "node:fs";

/** The process beneath this one that runs models, null where there is none at present (Linux). */
export function findEngineProcess(pid: number, file = "child.ts"): number | null {
  for (const child of childrenOf(pid)) {
    const found = commandOf(child).includes(file) ? child : findEngineProcess(child, file);
    // What holds a child in its sandbox names it in its own command: the innermost is the one.
    if (found !== null) return findEngineProcess(found, file) ?? found;
  }
  return null;
}

const childrenOf = (pid: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);

/** Field 4 of proc_pid_stat(5): behind the name, which may hold anything. */
function parentOf(name: string): number | null {
  const stat = read(name, "stat");
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

const commandOf = (pid: number): string => read(String(pid), "cmdline") ?? "";

/** Null for a process that is gone. */
function read(name: string, file: string): string | null {
  try {
    return readFileSync(`/proc/${name}/${file}`, "utf8");
  } catch {
    return null;
  }
}
