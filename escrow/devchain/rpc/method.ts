import type { Chain } from "../chain/chain.ts";
import type { Faucet } from "../chain/faucet.ts";
import type { Faults } from "../faults/faults.ts";

/** What a method works on. */
export interface MethodContext {
  chain: Chain;
  faults: Faults;
  faucet: Faucet;
  genesis_hash: string;
}

/**
 * Answers a call: the result is what comes back as JSON. Bigints are written as numbers, as validators do.
 *
 * @throws RpcError
 */
export type Method = (context: MethodContext, params: readonly unknown[]) => unknown;

export type Methods = Readonly<Record<string, Method>>;
