import { resolve } from "node:path";
import type { Command } from "commander";
import { loadClientIdentity, loadIdentity } from "../identity/identity.ts";
import { addExamples, homeOption, jsonOption } from "./common-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface IdFlags {
  home: string;
  client?: boolean;
  json?: boolean;
}

/** `infernet-runner id`: the name that this machine goes by. */
export function addIdCommand(program: Command): void {
  const command = program
    .command("id")
    .description("print this runner's id, making the identity if there is none")
    .addOption(homeOption("folder of the identity"))
    .option("--client", "the id that `run` asks peers with, for their `direct.allow`")
    .addOption(jsonOption('print it as { "id": ... }'))
    .action((flags: IdFlags) => reporting(createErrorLog(), () => printId(flags)));
  addExamples(command, "infernet-runner id");
}

async function printId({ home, client = false, json }: IdFlags): Promise<void> {
  const { id } = await (client ? loadClientIdentity : loadIdentity)(resolve(home));
  process.stdout.write(json ? `${JSON.stringify({ id })}\n` : `${id}\n`);
}
