import type { Address, EncodedAccount, MaybeEncodedAccount } from "@solana/kit";
import type { Commitment } from "../chain/commitment.ts";
import type { MethodContext } from "../rpc/method.ts";

/** The chain as a reader sees it who asks for a commitment. */
export interface SlotView {
  account: (address: Address) => MaybeEncodedAccount;
  ownedBy: (program: Address) => EncodedAccount[];
  /** A result together with the slot that it is from. */
  withContext: (value: unknown) => { context: { apiVersion: string; slot: number }; value: unknown };
}

/** A version of Agave's; clients read its major number. */
export const API_VERSION = "4.0.0";

/** A planned fault makes the accounts older than the slot they are said to be from. */
export function viewAt({ chain, faults }: MethodContext, commitment: Commitment): SlotView {
  const slot = chain.slotAt(commitment);
  const read_slot = slot - faults.plan.stale_account_slots;
  return {
    account: (address) => chain.accounts.at(address, read_slot),
    ownedBy: (program) => {
      const today = chain.svm.getProgramAccounts(program).map(({ address }) => address);
      return chain.accounts.allAt(today, read_slot, ({ programAddress }) => programAddress === program);
    },
    withContext: (value) => ({ context: { apiVersion: API_VERSION, slot }, value }),
  };
}
