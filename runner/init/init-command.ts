import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples, configOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { addSettingOptions, settingFlags } from "../cli/setting-options.ts";
import { loadSettings, requireEdge, type SettingFlags } from "../config/load-settings.ts";
import { loadIdentity } from "../identity/identity.ts";
import { RunnerError } from "../runner-error.ts";
import type { askOwner } from "./ask-owner.ts";
import { Canceled } from "./canceled.ts";
import { checkEdge } from "./check-edge.ts";
import { type Written, writeConfig } from "./write-config.ts";

interface InitFlags extends Record<string, unknown> {
  home: string;
  config?: string;
  yes?: boolean;
  offline?: boolean;
  json?: boolean;
}

/** `infernet-runner init`: the machine's key and settings, once; again to change them. */
export function addInitCommand(program: Command): void {
  const command = program
    .command("init")
    .description("make this machine's key and write its settings; again to change some")
    .addOption(homeOption())
    .addOption(configOption());
  addSettingOptions(command)
    .option("-y, --yes", "ask nothing: take what the flags say and leave the rest")
    .option("--offline", "do not ask the edge whether it is one")
    .addOption(jsonOption("print what was made as JSON, and ask nothing"))
    .action((flags: InitFlags) => reporting(createErrorLog(), () => init(flags)));
  addExamples(
    command,
    "infernet-runner init",
    "infernet-runner init --yes --edge https://edge.example --asking 70000 --pause-on-battery",
  );
}

async function init(flags: InitFlags): Promise<void> {
  const home = resolve(flags.home);
  const given = settingFlags(flags);
  const { config, offline = false } = flags;
  // A file that is to be made need not be there.
  const before = await loadSettings({
    home,
    config,
    env: { INFERNET_EDGE: process.env.INFERNET_EDGE },
    mayMiss: true,
  });
  const isAsked = !flags.yes && !flags.json && process.stdin.isTTY && process.stdout.isTTY;
  const settings = isAsked ? await askAtTerminal(given, before.values, offline) : given;
  const edge = typeof settings.edge === "string" ? settings.edge : requireEdge(before);
  const network = offline ? null : await checkEdge(edge);
  const written = await writeConfig(before.file, settings);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { id } = await loadIdentity(home);
  const made: Made = { id, home, config: before.file, written, edge, network: network?.network ?? null };
  process.stdout.write(flags.json ? `${JSON.stringify(made, null, 2)}\n` : renderMade(made, flags));
}

interface Made {
  id: string;
  home: string;
  config: string;
  written: Written;
  edge: string;
  /** Null when it was not asked. */
  network: string | null;
}

async function askAtTerminal(...question: Parameters<typeof askOwner>): Promise<SettingFlags> {
  // Loaded where it is needed, and not by a runner that stays for months.
  const { askOwner } = await import("./ask-owner.ts");
  try {
    return await askOwner(...question);
  } catch (error) {
    if (!(error instanceof Canceled)) throw error;
    throw new RunnerError("init_canceled", "nothing was written", { cause: error });
  }
}

function renderMade({ id, home, config, written, edge, network }: Made, { home: given }: InitFlags): string {
  const settings = { written: "written to", changed: "changed in", unchanged: "as they were in" }[written];
  const isElsewhere = given !== homeOption().defaultValue;
  return [
    `id        ${id}`,
    `key       ${home}/identity.key; keep a copy: it is this machine's name, record and earnings`,
    `settings  ${settings} ${config}`,
    `edge      ${edge}${network === null ? ", not asked" : `, of the network ${network}`}`,
    "",
    `Start it: infernet-runner start${isElsewhere ? ` --home ${given}` : ""}`,
    "",
  ].join("\n");
}
