import type { Address } from "../address.ts";
import { EscrowError } from "../escrow-error.ts";
import { readTransactionError } from "../program-failure.ts";
import type { EndpointPool } from "../rpc/endpoint-pool.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { agreeDecisions } from "./agree-decisions.ts";
import { type BroadcastOutcome, isSettled } from "./broadcast-outcome.ts";
import { type Decision, decideBroadcast } from "./decide-broadcast.ts";
import { observeTransaction } from "./observe-transaction.ts";
import { sendRaw } from "./send-raw.ts";

export interface Broadcaster {
  pool: EndpointPool;
  program: Address;
  /** Whether an end takes two endpoints' word. */
  cross_check: boolean;
  sleep(ms: number): Promise<void>;
  now_ms(): number;
}

/**
 * Looks where the transaction is and sends its bytes if that can help: one step, for whoever keeps transactions in a store
 * and comes back by an alarm. Throws rpc_contradicts and wrong_cluster; an endpoint that does not answer is "unknown".
 */
export async function advanceBroadcast(
  by: Broadcaster,
  transaction: SignedTransaction,
): Promise<BroadcastOutcome> {
  const decision = await decide(by, transaction);
  switch (decision.action) {
    case "send":
      return { state: "unknown", refusal: await send(by, transaction) };
    case "wait":
      return { state: "seen", commitment: decision.status, slot: decision.slot };
    case "expired":
      return { state: "expired" };
    case "landed": {
      const { slot, err } = decision;
      if (err === null) return { state: "landed", slot };
      return { state: "failed", slot, failure: readTransactionError(err, transaction.raw, by.program) };
    }
    default:
      return decision satisfies never;
  }
}

/** Between two steps: a few blocks. */
const STEP_MS = 2_000;

/** Step after step until it is settled or the time is up, for a command that a person waits for. */
export async function settleBroadcast(
  by: Broadcaster,
  transaction: SignedTransaction,
  { patience_ms, step_ms = STEP_MS }: { patience_ms: number; step_ms?: number },
): Promise<BroadcastOutcome> {
  const end_ms = by.now_ms() + patience_ms;
  for (;;) {
    const outcome = await advanceBroadcast(by, transaction);
    if (isSettled(outcome) || by.now_ms() + step_ms > end_ms) return outcome;
    await by.sleep(step_ms);
  }
}

async function decide(by: Broadcaster, transaction: SignedTransaction): Promise<Decision> {
  const { signature, last_valid_block_height } = transaction;
  try {
    if (!by.cross_check) {
      const seen = await by.pool.ask((connection) => observeTransaction(connection, signature));
      return decideBroadcast(last_valid_block_height, seen);
    }
    const [one, other] = await by.pool.askTwo((connection) => observeTransaction(connection, signature));
    return agreeDecisions(
      decideBroadcast(last_valid_block_height, one),
      decideBroadcast(last_valid_block_height, other),
    );
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return decideBroadcast(last_valid_block_height, { status: "unavailable" });
  }
}

/** Why nobody passed it on, or null. */
async function send(by: Broadcaster, { raw }: SignedTransaction): Promise<string | null> {
  try {
    const failure = await by.pool.ask((connection) => sendRaw(connection, raw, by.program));
    return failure?.text ?? null;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return error.message;
  }
}

const isUnavailable = (error: unknown): error is EscrowError =>
  error instanceof EscrowError && error.code === "rpc_unavailable";
