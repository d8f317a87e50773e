import type { Unit } from "@infernet/schemas/ledger";
import { CREDIT, creditRail } from "./credit-rail.ts";
import type { Rail } from "./rail.ts";
import { createSolanaRail } from "./solana-rail.ts";
import { parseSolanaSettings, type SolanaEnv } from "./solana-settings.ts";
import { USDC_SOLANA } from "./solana-unit.ts";

/** The rail of a unit; null where the deployment is not set up for it. Throws `unavailable` when it is set up wrong. */
export async function openRail(env: SolanaEnv, unit: Unit): Promise<Rail | null> {
  if (unit === CREDIT) return creditRail;
  if (unit !== USDC_SOLANA) return null;
  const settings = parseSolanaSettings(env);
  return settings && createSolanaRail(settings);
}
