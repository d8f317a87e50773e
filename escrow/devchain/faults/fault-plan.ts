/**
 * How a call fails: HTTP 500, HTTP 429, JSON-RPC -32005 (the node is behind), the connection reset before the call is
 * carried out, or after it, so that its answer is lost.
 */
export const CALL_FAULT_KINDS = ["http_500", "http_429", "node_behind", "reset", "answer_lost"] as const;
export type CallFaultKind = (typeof CALL_FAULT_KINDS)[number];

export interface CallFault {
  /** The RPC method, `*` for all but the chain's own `devchain_` methods. */
  method: string;
  /** Share of the calls, 0 to 1. */
  share: number;
  kind: CallFaultKind;
}

/** What goes wrong on purpose. */
export interface FaultPlan {
  /** All chance below follows from it. */
  seed: number;
  /** Every HTTP answer waits for a time drawn from this range. */
  latency_ms: { min: number; max: number };
  calls: readonly CallFault[];
  /** Share of sent transactions that are answered with their signature and never executed. */
  drop_share: number;
  /** Slots between a transaction's answer and its execution. */
  delay_slots: number;
  /** Counts every blockhash as expired. */
  expire_blockhashes: boolean;
  /** How often the status of a transaction is asked for in vain although it was executed. */
  hide_status_polls: number;
  /** How many slots old the accounts are that are read. */
  stale_account_slots: number;
  /** Takes subscriptions, and never notifies. */
  mute_notifications: boolean;
}

export const NO_FAULTS: FaultPlan = {
  seed: 1,
  latency_ms: { min: 0, max: 0 },
  calls: [],
  drop_share: 0,
  delay_slots: 0,
  expire_blockhashes: false,
  hide_status_polls: 0,
  stale_account_slots: 0,
  mute_notifications: false,
};
