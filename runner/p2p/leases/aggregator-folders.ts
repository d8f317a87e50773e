import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { NetworkId } from "@infernet/schemas/commitment";
import { LIMITS } from "@infernet/schemas/limits";

const folderOf = (home: string): string => join(home, "aggregators");

/** The folder of what a runner keeps in mind of one network, made where it is missing. */
export async function openAggregatorFolder(home: string, network: NetworkId): Promise<string> {
  const folder = join(folderOf(home), network);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const now_s = Date.now() / 1_000;
  await utimes(folder, now_s, now_s);
  return folder;
}

/** Removes those of networks that were not worked for since `aggregator_remembered_ms`: none of their leases lives any more. */
export async function forgetAggregators(home: string, now_ms: number): Promise<void> {
  const names = await readdir(folderOf(home)).catch(() => []);
  for (const name of names) {
    if (!NetworkId.safeParse(name).success) continue;
    const folder = join(folderOf(home), name);
    const files = await readdir(folder).catch(() => []);
    const times = await Promise.all(
      [folder, ...files.map((file) => join(folder, file))].map((path) => stat(path).catch(() => null)),
    );
    const used_ms = Math.max(...times.map((at) => at?.mtimeMs ?? now_ms));
    if (now_ms - used_ms > LIMITS.aggregator_remembered_ms)
      await rm(folder, { recursive: true, force: true });
  }
}
