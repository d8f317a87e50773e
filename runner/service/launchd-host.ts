import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runTool } from "../hardware/run-tool.ts";
import { RunnerError } from "../runner-error.ts";
import { LAUNCHD_LABEL, renderPlist } from "./render-plist.ts";
import type { ServiceHost } from "./service-host.ts";

const file = join(homedir(), "Library/LaunchAgents", `${LAUNCHD_LABEL}.plist`);
const TIMEOUT_MS = 60_000;
const domain = (): string => `gui/${process.getuid?.() ?? 0}`;

async function must(...args: string[]): Promise<void> {
  const output = await runTool("launchctl", args, TIMEOUT_MS);
  if ("reason" in output)
    throw new RunnerError("service_refused", `launchctl ${args.join(" ")}: ${output.reason}`);
}

const isThere = (): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
const isLoaded = async (): Promise<boolean> =>
  "stdout" in (await runTool("launchctl", ["print", `${domain()}/${LAUNCHD_LABEL}`], TIMEOUT_MS));

/** Agents of the user's session on a Mac. */
export const launchdHost: ServiceHost = {
  file,
  render: renderPlist,
  install: async (plan) => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, renderPlist(plan), { mode: 0o644 });
    if (await isLoaded()) await must("bootout", `${domain()}/${LAUNCHD_LABEL}`);
    await must("bootstrap", domain(), file);
  },
  state: async () => {
    const active = await isLoaded();
    return { file, installed: await isThere(), enabled: active, active };
  },
  uninstall: async () => {
    if (await isLoaded()) await must("bootout", `${domain()}/${LAUNCHD_LABEL}`);
    await rm(file, { force: true });
  },
};
