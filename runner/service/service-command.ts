import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples, configOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { loadSettings, requireEdge } from "../config/load-settings.ts";
import { detectMachine } from "../hardware/machine/detect-machine.ts";
import { planService, thisProgram } from "./plan-service.ts";
import { openServiceHost, type ServiceHost } from "./service-host.ts";

interface ScopeFlags {
  system?: boolean;
  user?: string;
  json?: boolean;
}

interface InstallFlags extends ScopeFlags {
  home: string;
  config?: string;
  print?: boolean;
}

/** `infernet-runner service`: the runner as a service that starts with the machine. */
export function addServiceCommand(program: Command): void {
  const service = program.command("service").description("have the runner start with this machine");
  addExamples(service, "infernet-runner service install", "infernet-runner service status --json");
  const install = scoped(service.command("install"))
    .description("install and start the service, for this user or with --system for the machine")
    .addOption(homeOption())
    .addOption(configOption())
    .option("--print", "print the description instead, and change nothing")
    .addOption(jsonOption('print { "file" } of what was installed'))
    .action((flags: InstallFlags) => reporting(createErrorLog(), () => installService(flags)));
  addExamples(
    install,
    "infernet-runner service install",
    "infernet-runner service install --system --user ada --print",
  );
  const status = scoped(service.command("status"))
    .description("say whether the service is installed, starts with the machine, and runs")
    .addOption(jsonOption('print { "file", "installed", "enabled", "active" }'))
    .action((flags: ScopeFlags) => reporting(createErrorLog(), () => showStatus(flags)));
  addExamples(status, "infernet-runner service status");
  const uninstall = scoped(service.command("uninstall"))
    .description("stop the service and remove it; the home stays as it is")
    .addOption(jsonOption('print { "file", "removed" }'))
    .action((flags: ScopeFlags) => reporting(createErrorLog(), () => uninstallService(flags)));
  addExamples(uninstall, "infernet-runner service uninstall");
}

const scoped = (command: Command): Command =>
  command
    .option("--system", "the machine's service, which needs root, instead of this user's")
    .option("--user <name>", "whom the machine's service runs as (default: who installs it)");

function hostOf({ system, user }: ScopeFlags): ServiceHost {
  const scope = system
    ? ({ kind: "system", user: user ?? process.env.SUDO_USER ?? userInfo().username } as const)
    : ({ kind: "user" } as const);
  return openServiceHost(scope);
}

async function installService(flags: InstallFlags): Promise<void> {
  const host = hostOf(flags);
  const home = resolve(flags.home);
  const config = flags.config === undefined ? undefined : resolve(flags.config);
  const loaded = await loadSettings({ home, config, env: process.env });
  const { memory_bytes } = await detectMachine(home);
  const plan = planService(loaded.values, { home, config }, { memory_bytes, ...thisProgram() });
  if (flags.print) {
    process.stdout.write(host.render(plan));
    return;
  }
  // What a service cannot ask for has to be set.
  requireEdge(await loadSettings({ home, config, env: {} }));
  await host.install(plan);
  const linger =
    flags.system || process.platform !== "linux"
      ? ""
      : ` To have it run while you are logged out: loginctl enable-linger`;
  const said = `installed ${host.file}, and started.${linger}`;
  process.stdout.write(flags.json ? `${JSON.stringify({ file: host.file })}\n` : `${said}\n`);
}

async function showStatus(flags: ScopeFlags): Promise<void> {
  const state = await hostOf(flags).state();
  const { file, installed, enabled, active } = state;
  const said = installed
    ? `${file}: ${active ? "runs" : "does not run"}, ${enabled ? "starts" : "does not start"} with the machine`
    : `not installed (it would be ${file})`;
  process.stdout.write(flags.json ? `${JSON.stringify(state)}\n` : `${said}\n`);
}

async function uninstallService(flags: ScopeFlags): Promise<void> {
  const host = hostOf(flags);
  const { installed } = await host.state();
  if (installed) await host.uninstall();
  const said = installed ? `removed ${host.file}` : "no service is installed";
  const { file } = host;
  process.stdout.write(flags.json ? `${JSON.stringify({ file, removed: installed })}\n` : `${said}\n`);
}
