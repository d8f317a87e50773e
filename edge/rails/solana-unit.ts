import { Unit } from "@infernet/schemas/ledger";

/** USDC on Solana, or the mint that a deployment has in its place: six decimals, so a base unit is a micro-unit. */
export const USDC_SOLANA = Unit.parse("usdc:solana");
