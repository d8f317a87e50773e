import { join, resolve } from "node:path";
import type { Command } from "commander";
import { addExamples, configOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { chainOf } from "../cli/runner-options.ts";
import { loadSettings } from "../config/load-settings.ts";
import { findIdentity } from "../identity/identity.ts";
import type { Redemption } from "../p2p/jobs/payment/redeem-vouchers.ts";
import { RunnerError } from "../runner-error.ts";

interface RedeemFlags {
  home: string;
  config?: string;
  json?: boolean;
}

/** How long one release is waited for; what is not settled by then is asked for again by the next call. */
const PATIENCE_MS = 90_000;

/** `infernet-runner redeem`: releases what direct jobs have earned. */
export function addRedeemCommand(program: Command): void {
  const command = program
    .command("redeem")
    .description("release what direct jobs have earned, from the escrows of those who asked for them")
    .addOption(homeOption("folder of the runner's identity and of the vouchers that it took"))
    .addOption(configOption())
    .addOption(jsonOption("print what was released as JSON"))
    .action((flags: RedeemFlags) => reporting(createErrorLog(), () => redeem(flags)));
  addExamples(command, "infernet-runner redeem");
}

async function redeem({ json, ...flags }: RedeemFlags): Promise<void> {
  const { explainDirect } = await import("./explain-direct.ts");
  const { openEscrows } = await import("../p2p/jobs/payment/open-escrows.ts");
  const { redeemVoucher } = await import("../p2p/jobs/payment/redeem-vouchers.ts");
  const { VoucherBook } = await import("../p2p/jobs/payment/voucher-book.ts");
  const home = resolve(flags.home);
  const { values } = await loadSettings({ ...flags, home, env: process.env });
  const chain = chainOf(values);
  if (chain === null)
    throw new RunnerError("escrow_unset", "the chain that vouchers are redeemed on is not set");
  const identity = await findIdentity(home);
  const book = await VoucherBook.open(join(home, "direct", "vouchers"));
  const options = {
    escrows: await openEscrows(chain),
    identity,
    dir: join(home, "direct", "releases"),
    patience_ms: PATIENCE_MS,
  };
  const data: Redemption[] = [];
  try {
    for (const owed of book.all) {
      const redeemed = await redeemVoucher(options, owed);
      data.push(redeemed);
      if (!json) process.stdout.write(`${renderRedemption(redeemed)}\n`);
    }
  } catch (error) {
    throw explainDirect(error);
  }
  if (json) process.stdout.write(`${JSON.stringify({ data }, null, 2)}\n`);
  else if (data.length === 0) process.stdout.write("no voucher was taken here yet\n");
}

function renderRedemption({ escrow, amount_micro, state, signature, detail }: Redemption): string {
  const why = detail === null ? "" : `: ${detail}`;
  switch (state) {
    case "nothing":
      return `${escrow}  nothing is owed beyond what was released`;
    case "landed":
      return `${escrow}  released ${amount_micro} micro-units by ${signature}`;
    case "pending":
      return `${escrow}  ${amount_micro} micro-units are on their way by ${signature}${why}; run this again to see`;
    case "failed":
      return `${escrow}  nothing was released${why}`;
    default:
      return state satisfies never;
  }
}
