import { LIMITS } from "@infernet/schemas/limits";
import { MicroAmount } from "@infernet/schemas/money";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { SolanaAddress } from "@infernet/schemas/solana";
import type { DirectClient, DirectJob, DirectOptions, DirectResult } from "../index.ts";
import { ProviderRefusal } from "../p2p/jobs/provider-refusal.ts";
import { RunnerError } from "../runner-error.ts";
import { parseTarget } from "./direct-target.ts";
import { explainDirect } from "./explain-direct.ts";
import { openDirectClient } from "./open-direct-client.ts";

const NEVER = new AbortController().signal;

/** The client of direct jobs as other programs have it, whose arguments are looked at here. */
export async function openDirectLibrary(options: DirectOptions): Promise<DirectClient> {
  const { home, provider, bootstrap = [], edge = null, local: isLocal = false, escrow } = options;
  const target = provider === undefined ? null : parseTarget(provider);
  if (target === null && provider !== undefined)
    throw new RunnerError("usage", `provider is '${provider}'; it must be an id or an address of a peer`);
  const client = await openDirectClient({
    ...{ home, edge, isLocal, target },
    bootstrap: bootstrap.map((address) => BootstrapAddress.parse(address)),
    payment: escrow === undefined ? null : paymentOf(escrow),
  });
  return {
    id: client.id,
    close: client.close,
    run: async ({
      model: ref,
      inputs,
      price_micro_max = "0",
      patience_ms = LIMITS.direct_offer_ms_default,
      signal = NEVER,
    }: DirectJob): Promise<DirectResult> => {
      const model = await client.modelOf(ref, signal);
      const price = MicroAmount.parse(price_micro_max);
      const job = { ...model, inputsOf: () => inputs, price_micro_max: price, patience_ms };
      const { provider: by, outputs, receipt, receipt_path } = await client.run(job, signal).catch(fail);
      const { price_micro, compute_ms } = receipt.receipt;
      return { provider: by, outputs, price_micro, compute_ms, receipt_path };
    },
  };
}

function fail(error: unknown): never {
  throw error instanceof ProviderRefusal ? error : explainDirect(error);
}

function paymentOf({ address, ...chain }: NonNullable<DirectOptions["escrow"]>) {
  return { escrow: SolanaAddress.parse(address), chain };
}
