import type { Commitment } from "../chain/commitment.ts";
import type { TransactionRecord } from "../chain/transaction-record.ts";
import type { MethodContext } from "../rpc/method.ts";

/** What one subscription listens to. */
export interface Watcher {
  /** Once the subscriber knows its number. */
  start?: () => void;
  /** A transaction has reached a commitment. */
  reached?: (record: TransactionRecord, commitment: Commitment) => void;
  /** A slot has begun. */
  slot?: (slot: number) => void;
}

export interface Subscriber {
  notify: (result: unknown) => void;
  /** Ends the subscription: nothing more will come. */
  end: () => void;
}

/** @throws RpcError when the parameters are no subscription */
export type CreateWatcher = (
  context: MethodContext,
  params: readonly unknown[],
  subscriber: Subscriber,
) => Watcher;
