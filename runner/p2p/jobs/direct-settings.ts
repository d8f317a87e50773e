import type { RunnerId } from "@infernet/schemas/ids";
import type { SolanaAddress } from "@infernet/schemas/solana";

/** Where escrows are read and released from. */
export interface ChainSettings {
  /** JSON-RPC endpoints, in the order of preference. */
  endpoints: readonly string[];
  genesis_hash: string;
  program: string;
}

/** What a machine's owner says about direct jobs. */
export interface DirectSettings {
  payment: "free" | "voucher";
  /** Who may ask for them; nobody named: anybody may. */
  allow: readonly RunnerId[];
  /** Needed for vouchers, with the coin that escrows must hold. */
  chain: (ChainSettings & { mint: SolanaAddress }) | null;
}
