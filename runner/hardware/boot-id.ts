import { readFile } from "node:fs/promises";

/** Changes with every start of the machine, where it tells. */
export const bootId = (): Promise<string> =>
  readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => "unknown",
  );
