import { resolve } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import type { Command } from "commander";
import { findIdentity } from "../identity/identity.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { askEdge } from "./ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "./common-options.ts";
import { type EdgeFlags, edgeOf } from "./edge-of.ts";
import { parseText } from "./parse-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface AppealFlags extends EdgeFlags {
  message: string;
  json?: boolean;
}

/** `infernet-runner appeal`: objects to a ban, in the banned runner's own name. */
export function addAppealCommand(program: Command): void {
  const command = program
    .command("appeal")
    .description("object to a ban: the network's operator reads what you say and decides")
    .addOption(edgeOption())
    .addOption(homeOption("folder of the banned runner's identity"))
    .addOption(configOption())
    .requiredOption(
      "--message <text>",
      "what happened, in your words",
      parseText(LIMITS.ban_reason_chars_max),
    )
    .addOption(jsonOption('print { "id", "edge" } once it is taken'))
    .action((flags: AppealFlags) => reporting(createErrorLog(), () => appeal(flags)));
  addExamples(command, 'infernet-runner appeal --message "The machine overheated; it has a new fan."');
}

async function appeal({ message, json, ...flags }: AppealFlags): Promise<void> {
  const edge = await edgeOf(flags);
  const identity = await findIdentity(resolve(flags.home));
  const client = createHttpEdgeClient({ edge, identity });
  await askEdge(edge, "the objection", () =>
    client.appeal({ detail: message }, new AbortController().signal),
  );
  const { id } = identity;
  const told = json
    ? JSON.stringify({ id, edge })
    : `${edge} has taken the objection of ${id}; its operator decides.`;
  process.stdout.write(`${told}\n`);
}
