import type { Address } from "./address.ts";
import type { BroadcastOutcome } from "./broadcast/broadcast-outcome.ts";
import type { EscrowReader } from "./escrow-reader.ts";
import type { BondDepositTerms, BondExitTerms } from "./prepare/prepare-bond.ts";
import type { OpenTerms } from "./prepare/prepare-open.ts";
import type { RefundTerms } from "./prepare/prepare-refund.ts";
import type { ReleaseTerms } from "./prepare/prepare-release.ts";
import type { SlashTerms } from "./prepare/prepare-slash.ts";
import type { TopUpTerms } from "./prepare/prepare-top-up.ts";
import type { Fees } from "./prepare/prepare-transaction.ts";
import type { SignedTransaction } from "./transaction/signed-transaction.ts";

/**
 * The escrow program as the rest of Infernet sees it. Money moves in three steps: `prepare…` signs and sends nothing; the
 * caller stores the result; `advance` is called until the outcome is settled. A caller that dies between two steps goes
 * on with what it stored. As long as an outcome is not settled nothing else may be signed for the same purpose.
 *
 * Whatever asks an endpoint can throw rpc_unavailable, rpc_contradicts and wrong_cluster.
 */
export interface EscrowClient extends EscrowReader {
  readonly program: Address;
  prepareOpen(terms: OpenTerms, fees: Fees): Promise<SignedTransaction>;
  prepareTopUp(terms: TopUpTerms, fees: Fees): Promise<SignedTransaction>;
  prepareRelease(terms: ReleaseTerms, fees: Fees): Promise<SignedTransaction>;
  prepareRefund(terms: RefundTerms, fees: Fees): Promise<SignedTransaction>;
  prepareBondDeposit(terms: BondDepositTerms, fees: Fees): Promise<SignedTransaction>;
  prepareBondExitRequest(terms: BondExitTerms, fees: Fees): Promise<SignedTransaction>;
  prepareBondExit(terms: BondExitTerms, fees: Fees): Promise<SignedTransaction>;
  prepareSlash(terms: SlashTerms, fees: Fees): Promise<SignedTransaction>;
  /** For what others have signed: the last block that can hold it, or one later; null when its blockhash is not valid. */
  readLifetime(blockhash: string): Promise<number | null>;
  /** One step: looks where the transaction is, and sends its bytes (again) if that can help. */
  advance(transaction: SignedTransaction): Promise<BroadcastOutcome>;
  /** Steps until the outcome is settled or `patience_ms` have passed; then the last outcome, and the bytes are still good. */
  settle(
    transaction: SignedTransaction,
    wait: { patience_ms: number; step_ms?: number },
  ): Promise<BroadcastOutcome>;
}
