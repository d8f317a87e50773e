import { resolve } from "node:path";
import type { Command } from "commander";
import { loadIdentity } from "../identity/identity.ts";
import { addExamples, homeOption, jsonOption } from "./common-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface IdFlags {
  home: string;
  json?: boolean;
}

/** `infernet-runner id`: the name that this machine goes by. */
export function addIdCommand(program: Command): void {
  const command = program
    .command("id")
    .description("print this runner's id, making the identity if there is none")
    .addOption(homeOption("folder of the identity"))
    .addOption(jsonOption('print it as { "id": ... }'))
    .action((flags: IdFlags) => reporting(createErrorLog(), () => printId(flags)));
  addExamples(command, "infernet-runner id");
}

async function printId({ home, json }: IdFlags): Promise<void> {
  const { id } = await loadIdentity(resolve(home));
  process.stdout.write(json ? `${JSON.stringify({ id })}\n` : `${id}\n`);
}
