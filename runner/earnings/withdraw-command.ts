import { resolve } from "node:path";
import type { PayoutOrder } from "@infernet/schemas/payout";
import type { Command } from "commander";
import { askEdge } from "../cli/ask-edge.ts";
import { DEFAULT_HOME, parseEdge } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { findIdentity } from "../identity/identity.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { commandLine } from "./command-line.ts";
import { renderWithdrawal } from "./render-withdrawal.ts";

interface WithdrawFlags {
  edge: string;
  home: string;
  json?: boolean;
}

/** `infernet-runner withdraw`: has everything sent that is payable. */
export function addWithdrawCommand(program: Command): void {
  program
    .command("withdraw")
    .description("have everything sent that this machine has earned and that is held no longer")
    .requiredOption("--edge <url>", "address of the edge", parseEdge)
    .option("--home <dir>", "folder of the runner's identity", DEFAULT_HOME)
    .option("--json", "print what was ordered as JSON")
    .action((flags: WithdrawFlags) => reporting(createErrorLog(), () => withdraw(flags)));
}

async function withdraw(flags: WithdrawFlags): Promise<void> {
  const identity = await findIdentity(resolve(flags.home));
  const client = createHttpEdgeClient({ edge: flags.edge, identity });
  const orders = await askEdge(flags.edge, "the payout", () => client.withdraw(new AbortController().signal));
  process.stdout.write(
    flags.json ? renderJson(orders) : renderWithdrawal(orders, commandLine("earnings", flags)),
  );
}

const renderJson = (orders: PayoutOrder[]): string => `${JSON.stringify({ data: orders }, null, 2)}\n`;
