import { InfernetError } from "@infernet/schemas/errors";
import type { Unit } from "@infernet/schemas/ledger";
import { CREDIT } from "../rails/credit-rail.ts";
import { parseSolanaSettings, type SolanaEnv, wantsSolana } from "../rails/solana-settings.ts";
import { USDC_SOLANA } from "../rails/solana-unit.ts";

/** Units that a deployment can have, whether it is set up for them or not. */
export const UNITS: readonly Unit[] = [CREDIT, USDC_SOLANA];

export const treasuryOf = (env: Pick<Env, "TREASURY">, unit: Unit) => env.TREASURY.getByName(unit);

/** Units that providers stake, in a deployment that wants a rail for them; what is wrong with its settings can be put right later. */
export const bondedUnits = (env: SolanaEnv): Unit[] => (wantsSolana(env) ? [USDC_SOLANA] : []);

/** The treasury that knows escrows, and its unit. Throws `unavailable` in a deployment without a rail that has them. */
export function escrowTreasury(env: Pick<Env, "TREASURY"> & SolanaEnv) {
  if (parseSolanaSettings(env) === null)
    throw new InfernetError(
      "unavailable",
      "This deployment takes no escrows: it is not set up for Solana (SOLANA_RPC_URLS and the settings beside it).",
    );
  return { unit: USDC_SOLANA, treasury: treasuryOf(env, USDC_SOLANA) };
}
