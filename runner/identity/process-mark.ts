import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Names one process. `started` tells it from a later one with the same id: its start in ticks since boot, where known. */
export const ProcessMark = z.strictObject({ pid: z.int().min(1), started: z.string().nullable() });
export type ProcessMark = z.infer<typeof ProcessMark>;

export const markProcess = async (pid: number): Promise<ProcessMark> => ({
  pid,
  started: await startOf(pid),
});

export async function isRunning({ pid, started }: ProcessMark): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
  }
  return started === (await startOf(pid));
}

/** Field 22 of /proc/PID/stat (proc(5)), counted behind the command's closing parenthesis; null off Linux. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
