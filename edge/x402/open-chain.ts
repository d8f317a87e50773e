import type { BroadcastOutcome } from "@infernet/escrow/client/broadcast/broadcast-outcome";
import { createEscrowClient } from "@infernet/escrow/client/create-escrow-client";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { parseSolanaSettings, type SolanaEnv, type SolanaSettings } from "../rails/solana-settings.ts";
import { onChain } from "../rails/translate-escrow-error.ts";

/** Between two looks at a payment that somebody waits for. */
const STEP_MS = 500;

/** The cluster that payments come over. */
export interface Chain {
  settings: SolanaSettings;
  client: EscrowClient;
  /** Step after step until the transaction is settled or the time is up. Throws `chain_unavailable` and `chain_contradicts`. */
  settle(transaction: SignedTransaction, patience_ms: number): Promise<BroadcastOutcome>;
}

/** Null in a deployment that is not set up for Solana. Throws `unavailable` when it is set up wrong. */
export function openChain(env: SolanaEnv): Chain | null {
  const settings = parseSolanaSettings(env);
  if (settings === null) return null;
  const client = createEscrowClient(settings.client);
  return {
    settings,
    client,
    settle: (transaction, patience_ms) =>
      onChain(() => client.settle(transaction, { patience_ms, step_ms: STEP_MS })),
  };
}
