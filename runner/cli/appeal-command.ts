import { resolve } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import type { Command } from "commander";
import { findIdentity } from "../identity/identity.ts";
import { RunnerError } from "../runner-error.ts";
import { EdgeRefusal, EdgeUnreachable } from "../transport/edge-error.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
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
  try {
    await client.appeal({ detail: message }, new AbortController().signal);
  } catch (error) {
    if (error instanceof EdgeRefusal) {
      throw new RunnerError("edge_refused", `${edge} refused the objection. ${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof EdgeUnreachable) throw new RunnerError("edge_away", error.message, { cause: error });
    throw error;
  }
  process.stdout.write(`${edge} has taken the objection of ${identity.id}; its operator decides.\n`);
}
