import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import { cgroupCores } from "./cgroup-cores.ts";
import { cgroupFolders } from "./cgroup-folders.ts";
import { machineMemory } from "./machine-memory.ts";

export interface Machine {
  cpu_model: string | null;
  /** That this process may use: no more than its affinity and the quotas of its control groups allow. */
  cpu_cores: number;
  memory_bytes: number;
  /** Where `folder` is, or will be; null where nobody tells. */
  disk_free_bytes: number | null;
}

/** What a process may use of this machine. @param folder where models and inputs are kept */
export async function detectMachine(folder: string): Promise<Machine> {
  const quotas = await Promise.all([readQuotas("cpu"), freeBytes(folder)]);
  const [quota, disk_free_bytes] = quotas;
  return {
    cpu_model: cpus()[0]?.model.trim().slice(0, 128) || null,
    cpu_cores: Math.min(availableParallelism(), quota ?? Number.POSITIVE_INFINITY),
    memory_bytes: machineMemory(),
    disk_free_bytes,
  };
}

/** The least quota of the control groups that hold this process. Newer versions of Node heed it by themselves. */
async function readQuotas(controller: string): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const folders = cgroupFolders(await text("/proc/self/cgroup"), controller);
  const quotas = await Promise.all(
    folders.map(async (folder) => {
      const max = await text(join(folder, "cpu.max"));
      if (max !== "") return cgroupCores(max);
      const [quota, period] = [join(folder, "cpu.cfs_quota_us"), join(folder, "cpu.cfs_period_us")];
      return cgroupCores(`${await text(quota)} ${await text(period)}`);
    }),
  );
  const set = quotas.filter((cores) => cores !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** Of the nearest folder that exists. */
async function freeBytes(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (at === dirname(at)) return null;
    }
  }
}

const text = (path: string): Promise<string> =>
  readFile(path, "utf8").then(
    (read) => read.trim(),
    () => "",
  );
