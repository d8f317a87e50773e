import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runTool } from "../hardware/run-tool.ts";
import { RunnerError } from "../runner-error.ts";
import { renderUnit } from "./render-unit.ts";
import type { ServiceHost } from "./service-host.ts";
import type { ServiceScope } from "./service-plan.ts";

const UNIT = "infernet-runner.service";
/** Stopping waits for what the runner finishes. */
const TIMEOUT_MS = 60_000;

export function createSystemdHost(scope: ServiceScope): ServiceHost {
  const file = join(folderOf(scope), UNIT);
  const systemctl = (...args: string[]) =>
    runTool("systemctl", scope.kind === "user" ? ["--user", ...args] : args, TIMEOUT_MS);
  const must = async (...args: string[]): Promise<void> => {
    const output = await systemctl(...args);
    if ("reason" in output)
      throw new RunnerError("service_refused", `systemctl ${args.join(" ")}: ${output.reason}`);
  };
  const isThere = (): Promise<boolean> =>
    stat(file).then(
      () => true,
      () => false,
    );
  return {
    file,
    render: (plan) => renderUnit(plan, scope),
    install: async (plan) => {
      await changing(file, async () => {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, renderUnit(plan, scope), { mode: 0o644 });
      });
      await must("daemon-reload");
      await must("enable", UNIT);
      await must("restart", UNIT);
    },
    state: async () => {
      const [installed, enabled, active] = await Promise.all([
        isThere(),
        systemctl("is-enabled", UNIT),
        systemctl("is-active", UNIT),
      ]);
      return { file, installed, enabled: "stdout" in enabled, active: "stdout" in active };
    },
    uninstall: async () => {
      await must("disable", "--now", UNIT);
      await changing(file, () => rm(file, { force: true }));
      await must("daemon-reload");
    },
  };
}

function folderOf(scope: ServiceScope): string {
  if (scope.kind === "system") return "/etc/systemd/system";
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), ".config"), "systemd/user");
}

async function changing(file: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    throw new RunnerError("service_refused", `cannot change ${file}: ${String(error)}`, { cause: error });
  }
}
