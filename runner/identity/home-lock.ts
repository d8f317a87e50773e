import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RunnerError } from "../runner-error.ts";
import { isRunning, markProcess, ProcessMark } from "./process-mark.ts";

export interface HomeLock {
  release(): Promise<void>;
}

/**
 * Takes `home` for this process alone: two runners with one identity would take each other's leases. The lock file
 * `runner.lock` names its holder; a lock whose holder is gone is taken over.
 */
export async function lockHome(home: string): Promise<HomeLock> {
  const path = join(home, "runner.lock");
  const claim = join(home, `runner.lock.${process.pid}`);
  const self = await markProcess(process.pid);
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await writeFile(claim, JSON.stringify(self));
    if (!(await linked(claim, path))) {
      const holder = await holderOf(path);
      if (holder && (await isRunning(holder))) {
        throw new RunnerError("home_in_use", `${home} is in use by the runner with process id ${holder.pid}`);
      }
      await takeOver(path, claim, home);
    }
  } catch (error) {
    if (error instanceof RunnerError) throw error;
    throw new RunnerError("home_unusable", `cannot lock ${home}: ${String(error)}`, { cause: error });
  } finally {
    await rm(claim, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

/** The process id of the runner that lives in a home; null where none does. */
export async function findResident(home: string): Promise<number | null> {
  const holder = await holderOf(join(home, "runner.lock"));
  return holder !== null && (await isRunning(holder)) ? holder.pid : null;
}

/** Linking fails when the name exists, atomically, and the linked file is already whole. */
async function linked(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Of two newcomers the slower may move away the faster one's lock instead of the stale one: it puts that back. */
async function takeOver(path: string, claim: string, home: string): Promise<void> {
  const moved = `${claim}.stale`;
  await rename(path, moved).catch(() => undefined);
  const holder = await holderOf(moved);
  const isFresh = holder !== null && (await isRunning(holder));
  if (isFresh) await linked(moved, path);
  await rm(moved, { force: true });
  if (isFresh || !(await linked(claim, path))) {
    throw new RunnerError("home_in_use", `another runner has just taken ${home}`);
  }
}

async function holderOf(path: string): Promise<ProcessMark | null> {
  try {
    return ProcessMark.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
