import { EscrowError } from "../escrow-error.ts";
import type { Decision } from "./decide-broadcast.ts";

/**
 * One decision from what two endpoints say. An end needs both of them: while one lags the transaction stays open. Throws
 * rpc_contradicts when both name an end, and not the same.
 */
export function agreeDecisions(one: Decision, other: Decision): Decision {
  if (isEnd(one) && isEnd(other)) {
    if (JSON.stringify(one) !== JSON.stringify(other))
      throw new EscrowError(
        "rpc_contradicts",
        `one endpoint says the transaction has ${describe(one)}, another that it has ${describe(other)}`,
      );
    return one;
  }
  return isEnd(one) ? other : one;
}

const isEnd = ({ action }: Decision): boolean => action === "landed" || action === "expired";

const describe = (decision: Decision): string =>
  decision.action === "landed" && decision.err !== null ? "failed" : decision.action;
