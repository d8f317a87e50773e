import { messageFee } from "../chain/message-fee.ts";
import { readMessage } from "../chain/wire-transaction.ts";
import type { Methods } from "../rpc/method.ts";
import { orInvalid } from "../rpc/or-invalid.ts";
import { parseAddress, parseBytes, parseCommitmentConfig, parseList } from "../rpc/params.ts";
import { viewAt } from "./slot-view.ts";

/** A validator's own limits. */
const LOCKED_ACCOUNTS_MAX = 128;
const FEE_SLOTS = 150;

export const FEE_METHODS: Methods = {
  /** null when the message's blockhash is not valid. */
  getFeeForMessage: (context, [text, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    const message = orInvalid(() => readMessage(parseBytes(text, "the message", "base64")));
    const isValid = context.chain.isBlockhashValid(message.lifetimeToken);
    return view.withContext(isValid ? messageFee(message) : null);
  },

  /** Nobody competes for blocks here, so nobody has to bid. */
  getRecentPrioritizationFees: ({ chain }, [accounts = []]) => {
    for (const key of parseList(accounts, "the accounts", LOCKED_ACCOUNTS_MAX))
      parseAddress(key, "an account");
    return Array.from({ length: FEE_SLOTS }, (_, index) => ({
      slot: chain.slot - FEE_SLOTS + 1 + index,
      prioritizationFee: 0,
    }));
  },
};
