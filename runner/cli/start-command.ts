import { resolve } from "node:path";
import type { Command } from "commander";
import { loadSettings, requireEdge } from "../config/load-settings.ts";
import { addExamples, configOption, homeOption } from "./common-options.ts";
import { createJsonLog } from "./json-log.ts";
import { createLogHub } from "./log-hub.ts";
import { operateRunner } from "./operate-runner.ts";
import { reporting } from "./reporting.ts";
import { addSettingOptions, settingFlags } from "./setting-options.ts";
import { openTerminalLog } from "./terminal-log.ts";

interface StartFlags extends Record<string, unknown> {
  home: string;
  config?: string;
  json?: boolean;
}

/** `infernet-runner start`: works for an edge, and for peers' aggregators. */
export function addStartCommand(program: Command): void {
  const command = program
    .command("start")
    .description("work for an edge, for peers' aggregators or for both, until stopped")
    .addOption(homeOption())
    .addOption(configOption());
  addSettingOptions(command)
    .option("--json", "log one JSON object a line; so it does where standard output is no terminal")
    .option("--no-json", "log lines for a person, wherever they go")
    .action(start);
  addExamples(
    command,
    "infernet-runner start",
    "infernet-runner start --edge https://edge.example --cores 4",
  );
}

async function start(flags: StartFlags): Promise<void> {
  const { config } = flags;
  const home = resolve(flags.home);
  const isJson = flags.json ?? !process.stdout.isTTY;
  const write = (line: string): void => void process.stdout.write(line);
  const terminal = isJson ? { log: createJsonLog(write, () => new Date()) } : openTerminalLog(process.stdout);
  const hub = createLogHub(terminal.log);
  await reporting(hub.log, async () => {
    const loaded = await loadSettings({ home, config, flags: settingFlags(flags), env: process.env });
    const isForPeers = loaded.values["peers.enabled"] && loaded.values["peers.aggregators"].length > 0;
    const edge = isForPeers ? loaded.values.edge : requireEdge(loaded);
    await operateRunner({ ...terminal, edge, home, values: loaded.values, hub });
  });
}
