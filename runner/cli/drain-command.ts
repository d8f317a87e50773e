import { resolve } from "node:path";
import type { Command } from "commander";
import { callControl } from "../control/call-control.ts";
import type { ControlMessage } from "../control/control-protocol.ts";
import { RunnerError } from "../runner-error.ts";
import { addExamples, homeOption, jsonOption } from "./common-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface DrainFlags {
  home: string;
  json?: boolean;
}

type Stopped = Extract<ControlMessage, { kind: "stopped" }>;

/** `infernet-runner drain`: has the running runner finish, and waits for its end. */
export function addDrainCommand(program: Command): void {
  const command = program
    .command("drain")
    .description("have the runner finish or hand back what it has and end, and wait until it has")
    .addOption(homeOption())
    .addOption(jsonOption("print what it did in its time as JSON"))
    .action((flags: DrainFlags) => reporting(createErrorLog(), () => drain(flags)));
  addExamples(command, "infernet-runner drain");
}

async function drain({ home, json }: DrainFlags): Promise<void> {
  const messages = await callControl(resolve(home), { call: "drain" });
  if (messages === null) throw new RunnerError("not_running", `no runner runs in ${resolve(home)}`);
  let stopped: Stopped | null = null;
  let left = -1;
  for await (const message of messages) {
    if (message.kind === "refused") throw new RunnerError("command_refused", message.detail);
    if (message.kind === "stopped") stopped = message;
    if (message.kind === "progress" && message.shards !== left) {
      left = message.shards;
      process.stderr.write(left > 0 ? `${left} shards to finish or hand back\n` : "nothing in hand\n");
    }
  }
  if (stopped === null) throw new RunnerError("command_refused", "the runner ended before it had finished");
  process.stdout.write(json ? renderJson(stopped) : renderText(stopped));
}

function renderJson({ kind: _, ...counts }: Stopped): string {
  return `${JSON.stringify(counts)}\n`;
}

function renderText({ shards_done, rows_done, shards_failed, unsent }: Stopped): string {
  const rest = unsent > 0 ? `; ${unsent} results could not be sent` : "";
  return `Stopped after ${shards_done} shards and ${rows_done} rows, ${shards_failed} failed${rest}.\n`;
}
