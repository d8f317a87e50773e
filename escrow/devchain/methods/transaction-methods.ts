import { type Simulation, simulate } from "../chain/simulate.ts";
import { parseAccountView } from "../encode/account-data.ts";
import { encodeAccount, encodeMaybeAccount } from "../encode/encode-account.ts";
import { encodeBlockhash } from "../encode/encode-blockhash.ts";
import { encodeSimulation } from "../encode/encode-simulation.ts";
import { transactionErrorText } from "../encode/transaction-error-text.ts";
import type { MethodContext, Methods } from "../rpc/method.ts";
import {
  type Config,
  parseAddress,
  parseBoolean,
  parseCommitment,
  parseConfig,
  parseInteger,
  parseList,
} from "../rpc/params.ts";
import { invalidParams, RpcError } from "../rpc/rpc-error.ts";
import { viewAt } from "./slot-view.ts";
import { parseWireTransaction } from "./wire-param.ts";

const SIMULATED_ACCOUNTS_MAX = 64;

export const TRANSACTION_METHODS: Methods = {
  /** Answers with the signature once the transaction is on its way; whether it lands, only its status tells. */
  sendTransaction: ({ chain, faults }, [text, options]) => {
    const config = parseConfig(options);
    const wire = parseWireTransaction(text, config);
    parseCommitment(config.preflightCommitment);
    if (!parseBoolean(config.skipPreflight ?? false, "skipPreflight")) {
      refuseFailing(simulate(chain, wire, { signatures: true, blockhash: true }));
    }
    if (!faults.dropsTransaction()) chain.submit(wire, faults.plan.delay_slots);
    return wire.signature;
  },

  simulateTransaction: (context, [text, options]) => {
    const config = parseConfig(options);
    const wire = parseWireTransaction(text, config);
    const replaces = parseBoolean(config.replaceRecentBlockhash ?? false, "replaceRecentBlockhash");
    const signatures = parseBoolean(config.sigVerify ?? false, "sigVerify");
    if (replaces && signatures) throw invalidParams("sigVerify may not be used with replaceRecentBlockhash");
    const simulation = simulate(context.chain, wire, { signatures, blockhash: !replaces });
    if (simulation.error === "SignatureFailure") throw signatureFailure();
    return viewAt(context, parseCommitment(config.commitment)).withContext({
      ...encodeSimulation(simulation),
      accounts: simulatedAccounts(context, simulation, config),
      ...(replaces && { replacementBlockhash: encodeBlockhash(context.chain, context.chain.slot) }),
    });
  },

  requestAirdrop: async ({ faucet }, [key, amount]) => {
    const record = await faucet.airdrop(
      parseAddress(key, "the account"),
      BigInt(parseInteger(amount, "the lamports")),
    );
    return record.wire.signature;
  },
};

function refuseFailing(simulation: Simulation): void {
  const { error, meta } = simulation;
  if (error === null) return;
  if (error === "SignatureFailure") throw signatureFailure();
  throw new RpcError(
    "preflight_failed",
    `Transaction simulation failed: ${transactionErrorText(error, meta?.logs() ?? [])}`,
    encodeSimulation(simulation),
  );
}

const signatureFailure = () => new RpcError("signature_failed", "Transaction signature verification failure");

/** The accounts that the caller asks to see as they would be, null when it asks for none. */
function simulatedAccounts(context: MethodContext, simulation: Simulation, config: Config): unknown {
  if (config.accounts === undefined || config.accounts === null) return null;
  const wanted = parseConfig(config.accounts, "accounts");
  const addresses = parseList(wanted.addresses, "accounts.addresses", SIMULATED_ACCOUNTS_MAX);
  if (simulation.error !== null) return addresses.map(() => null);
  const written = new Map(simulation.accounts.map((account) => [account.address, account]));
  const view = viewAt(context, "processed");
  const look = parseAccountView({ encoding: "base64", ...wanted });
  return addresses.map((key) => {
    const address = parseAddress(key, "an account");
    const account = written.get(address);
    return account
      ? encodeAccount(account, look, view.account)
      : encodeMaybeAccount(view.account(address), look, view.account);
  });
}
