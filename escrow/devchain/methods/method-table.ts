import type { Methods } from "../rpc/method.ts";
import { ACCOUNT_METHODS } from "./account-methods.ts";
import { BLOCK_METHODS } from "./block-methods.ts";
import { CLUSTER_METHODS } from "./cluster-methods.ts";
import { FEE_METHODS } from "./fee-methods.ts";
import { HISTORY_METHODS } from "./history-methods.ts";
import { OWN_METHODS } from "./own-methods.ts";
import { TOKEN_METHODS } from "./token-methods.ts";
import { TRANSACTION_METHODS } from "./transaction-methods.ts";

/** Every method of the HTTP side. */
export const METHODS: Methods = {
  ...CLUSTER_METHODS,
  ...BLOCK_METHODS,
  ...ACCOUNT_METHODS,
  ...TOKEN_METHODS,
  ...FEE_METHODS,
  ...TRANSACTION_METHODS,
  ...HISTORY_METHODS,
  ...OWN_METHODS,
};
