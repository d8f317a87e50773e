import { resolve } from "node:path";
import type { PayoutOrder } from "@infernet/schemas/payout";
import type { Command } from "commander";
import { askEdge } from "../cli/ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { type EdgeFlags, edgeOf } from "../cli/edge-of.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { findIdentity } from "../identity/identity.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { commandLine } from "./command-line.ts";
import { renderWithdrawal } from "./render-withdrawal.ts";

interface WithdrawFlags extends EdgeFlags {
  json?: boolean;
}

/** `infernet-runner withdraw`: has everything sent that is payable. */
export function addWithdrawCommand(program: Command): void {
  const command = program
    .command("withdraw")
    .description("have everything sent that this machine has earned and that is held no longer")
    .addOption(edgeOption())
    .addOption(homeOption("folder of the runner's identity"))
    .addOption(configOption())
    .addOption(jsonOption("print what was ordered as JSON"))
    .action((flags: WithdrawFlags) => reporting(createErrorLog(), () => withdraw(flags)));
  addExamples(command, "infernet-runner withdraw");
}

async function withdraw(flags: WithdrawFlags): Promise<void> {
  const edge = await edgeOf(flags);
  const identity = await findIdentity(resolve(flags.home));
  const client = createHttpEdgeClient({ edge, identity });
  const orders = await askEdge(edge, "the payout", () => client.withdraw(new AbortController().signal));
  process.stdout.write(
    flags.json ? renderJson(orders) : renderWithdrawal(orders, commandLine("earnings", flags)),
  );
}

const renderJson = (orders: PayoutOrder[]): string => `${JSON.stringify({ data: orders }, null, 2)}\n`;
