import { resolve } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import type { Command } from "commander";
import { findIdentity } from "../identity/identity.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { askEdge } from "./ask-edge.ts";
import { DEFAULT_HOME, parseEdge, parseText } from "./parse-options.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface AppealFlags {
  edge: string;
  home: string;
  message: string;
}

/** `infernet-runner appeal`: objects to a ban, in the banned runner's own name. */
export function addAppealCommand(program: Command): void {
  program
    .command("appeal")
    .description("object to a ban: the network's operator reads what you say and decides")
    .requiredOption("--edge <url>", "address of the edge", parseEdge)
    .option("--home <dir>", "folder of the banned runner's identity", DEFAULT_HOME)
    .requiredOption(
      "--message <text>",
      "what happened, in your words",
      parseText(LIMITS.ban_reason_chars_max),
    )
    .action((flags: AppealFlags) => reporting(createErrorLog(), () => appeal(flags)));
}

async function appeal({ edge, home, message }: AppealFlags): Promise<void> {
  const identity = await findIdentity(resolve(home));
  const client = createHttpEdgeClient({ edge, identity });
  await askEdge(edge, "the objection", () =>
    client.appeal({ detail: message }, new AbortController().signal),
  );
  process.stdout.write(`${edge} has taken the objection of ${identity.id}; its operator decides.\n`);
}
