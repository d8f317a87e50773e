import { createSeedSigner } from "@infernet/escrow/client/signer";
import type { EscrowTerms } from "@infernet/schemas/network";
import { SolanaAddress } from "@infernet/schemas/solana";
import { feeBps } from "../jobs/fee-bps.ts";
import { parseSolanaSettings, type SolanaEnv } from "../rails/solana-settings.ts";
import { USDC_SOLANA } from "../rails/solana-unit.ts";

/** What an escrow has to name so that jobs can be paid from it; null where this deployment takes none. */
export async function escrowTerms(env: SolanaEnv & Pick<Env, "FEE_BPS">): Promise<EscrowTerms | null> {
  const settings = parseSolanaSettings(env);
  if (settings === null) return null;
  const { client, mint, seed } = settings;
  const aggregator = await createSeedSigner(seed);
  return {
    unit: USDC_SOLANA,
    genesis_hash: client.genesis_hash,
    program: SolanaAddress.parse(client.program),
    mint: SolanaAddress.parse(mint),
    aggregator: SolanaAddress.parse(aggregator.address),
    fee_bps: feeBps(env),
  };
}
