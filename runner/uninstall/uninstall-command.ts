import { readdir, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { confirm, isCancel } from "@clack/prompts";
import type { Command } from "commander";
import { addExamples, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { removeTraces } from "../engine/oci/remove-traces.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import { findResident } from "../identity/home-lock.ts";
import { RunnerError } from "../runner-error.ts";
import { openServiceHost, type ServiceHost } from "../service/service-host.ts";
import { planRemoval, type Removal } from "./plan-removal.ts";

interface UninstallFlags {
  home: string;
  identity?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `infernet-runner uninstall`: takes away what the runner has put on this machine. */
export function addUninstallCommand(program: Command): void {
  const command = program
    .command("uninstall")
    .description(
      "remove this user's service, the cache, engines, logs and settings; the identity stays unless it is named",
    )
    .addOption(homeOption())
    .option(
      "--identity",
      "remove the key and the signed leases too: the name, and what is owed to it, cannot be had again",
    )
    .option("--yes", "do not ask")
    .addOption(jsonOption('print { "service", "removed", "kept", "foreign" }'))
    .action((flags: UninstallFlags) => reporting(createErrorLog(), () => uninstall(flags)));
  addExamples(command, "infernet-runner uninstall", "infernet-runner uninstall --identity --yes");
}

async function uninstall({ home: at, identity = false, yes, json }: UninstallFlags): Promise<void> {
  const home = resolve(at);
  const resident = await findResident(home);
  if (resident !== null)
    throw new RunnerError("home_in_use", `${home} is in use by the runner with process id ${resident}`);
  const service = await installedService();
  const removal = await planRemoval(home, identity);
  const isMeant = yes || (await ask(describe(home, removal, service)));
  if (!isMeant) return void process.stdout.write("nothing was removed\n");
  await service?.uninstall();
  await removeTraces(home);
  for (const { name } of removal.removed) await rm(join(home, name), { recursive: true, force: true });
  if ((await readdir(home).catch(() => ["?"])).length === 0) await rmdir(home);
  const told = { service: service?.file ?? null, ...removal };
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : describe(home, removal, service, "removed"));
}

/** This user's; the machine's is its administrator's to remove. */
async function installedService(): Promise<ServiceHost | null> {
  try {
    const host = openServiceHost({ kind: "user" });
    return (await host.state()).installed ? host : null;
  } catch (error) {
    if (error instanceof RunnerError && error.code === "service_unsupported") return null;
    throw error;
  }
}

async function ask(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new RunnerError("usage", "Nobody is there to ask: give --yes");
  process.stdout.write(what);
  const answer = await confirm({ message: "Remove this?", initialValue: false });
  return !isCancel(answer) && answer;
}

function describe(
  home: string,
  { removed, kept, foreign }: Removal,
  service: ServiceHost | null,
  verb = "to be removed",
): string {
  const list = (items: Removal["removed"]): string[] =>
    items.map(({ name, bytes }) => `  ${name}  ${renderBytes(bytes)}`);
  return `${[
    `${verb} from ${home}:`,
    ...(removed.length === 0 ? ["  nothing"] : list(removed)),
    ...(service === null ? [] : [`${verb}, the service ${service.file}`]),
    ...(kept.length === 0
      ? []
      : ["kept, because they are a name and money (--identity removes them):", ...list(kept)]),
    ...(foreign.length === 0 ? [] : [`kept, because they are not the runner's: ${foreign.join(", ")}`]),
  ].join("\n")}\n`;
}
