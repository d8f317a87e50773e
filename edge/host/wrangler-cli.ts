import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Says nothing to the network: no metrics, no update check, no look-up of this machine's place. */
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Starts wrangler with this very Node: the one on a user's PATH may be too old for it. */
export function spawnWrangler(
  root: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcess {
  const folder = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
  return spawn(process.execPath, [join(folder, "bin/wrangler.js"), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...QUIET, ...environment },
  });
}

/** The exit code of a child, 1 when a signal ended it. */
export async function exitCodeOf(child: ChildProcess): Promise<number> {
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
