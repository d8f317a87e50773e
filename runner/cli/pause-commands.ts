import { resolve } from "node:path";
import type { Command } from "commander";
import { askControl } from "../control/ask-control.ts";
import { RunnerError } from "../runner-error.ts";
import { addExamples, homeOption, jsonOption } from "./common-options.ts";
import { renderState } from "./render-activity.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface PauseFlags {
  home: string;
  json?: boolean;
}

/** `infernet-runner pause` and `resume`: the owner's hand on the running runner. */
export function addPauseCommands(program: Command): void {
  add(program, "pause", "take no more work until `resume`, or until the runner is started anew");
  add(program, "resume", "take work again after `pause`; rules of the settings may still pause it");
}

function add(program: Command, call: "pause" | "resume", description: string): void {
  const command = program
    .command(call)
    .description(description)
    .addOption(homeOption())
    .addOption(jsonOption("print what the runner is at as JSON"))
    .action((flags: PauseFlags) => reporting(createErrorLog(), () => steer(call, flags)));
  addExamples(command, `infernet-runner ${call}`);
}

async function steer(call: "pause" | "resume", flags: PauseFlags): Promise<void> {
  const home = resolve(flags.home);
  const activity = await askControl(home, { call });
  if (activity === null) throw new RunnerError("not_running", `no runner runs in ${home}`);
  const inHand = activity.now.length;
  const rest = inHand > 0 ? `; it finishes the ${inHand} shards that it has` : "";
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(activity, null, 2)}\n`
      : `The runner is ${renderState(activity)}${call === "pause" ? rest : ""}.\n`,
  );
}
