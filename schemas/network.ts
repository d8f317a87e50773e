import { z } from "zod";
import { NetworkId } from "./commitment.ts";
import { Unit } from "./ledger.ts";
import { SolanaAddress } from "./solana.ts";

/** What an escrow has to name so that jobs can be paid from it. */
export const EscrowTerms = z.strictObject({
  unit: Unit,
  /** Of the Solana cluster that it has to be on. */
  genesis_hash: z.string(),
  program: SolanaAddress,
  mint: SolanaAddress,
  aggregator: SolanaAddress,
  /** The least fee, in hundredths of a percent, that it must allow. */
  fee_bps: z.int(),
});
export type EscrowTerms = z.infer<typeof EscrowTerms>;

/** What somebody must know of this network to check what it says. */
export const Network = z
  .strictObject({
    object: z.literal("network"),
    /** Its Ed25519 public key: receipts and epochs are signed with it, and commitments are made for it. */
    network: NetworkId,
    version: z.string(),
    now_ms: z.int(),
    /** How long draws are made from one seed. */
    epoch_ms: z.int(),
    /** The epoch that draws are made in now. */
    epoch: z.int(),
    /** How long results can be recalled and earnings are held. */
    hold_ms: z.int(),
    escrows: EscrowTerms.nullable(),
  })
  .meta({ id: "Network" });
export type Network = z.infer<typeof Network>;
