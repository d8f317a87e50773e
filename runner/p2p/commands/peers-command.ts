import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples, homeOption, jsonOption } from "../../cli/common-options.ts";
import { createErrorLog, reporting } from "../../cli/reporting.ts";
import { askPeers } from "../../control/ask-peers.ts";
import { RunnerError } from "../../runner-error.ts";
import { renderPeers } from "./render-peers.ts";

interface PeersFlags {
  home: string;
  json?: boolean;
}

/** `infernet-runner peers`: how others reach this machine, and with whom it has a connection. */
export function addPeersCommand(program: Command): void {
  const command = program
    .command("peers")
    .description("tell how peers reach this machine's runner, and with whom it has a connection")
    .addOption(homeOption())
    .addOption(jsonOption())
    .action((flags: PeersFlags) => reporting(createErrorLog(), () => tellPeers(flags)));
  addExamples(command, "infernet-runner peers", "infernet-runner peers --json");
}

async function tellPeers(flags: PeersFlags): Promise<void> {
  const home = resolve(flags.home);
  const report = await askPeers(home);
  if (report === null) throw new RunnerError("not_running", `no runner runs in ${home}`);
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderPeers(report, Date.now()));
}
