import { address, type EncodedAccount, lamports } from "@solana/kit";
import { parseAccountView } from "../encode/account-data.ts";
import { encodeAccount } from "../encode/encode-account.ts";
import { viewAt } from "../methods/slot-view.ts";
import { parseAddress, parseCommitment, parseConfig } from "../rpc/params.ts";
import type { CreateWatcher } from "./watcher.ts";

/** A closed account: to subscribers it is an empty one of the System program. */
const CLOSED: Omit<EncodedAccount, "address"> = {
  lamports: lamports(0n),
  programAddress: address("11111111111111111111111111111111"),
  data: new Uint8Array(),
  executable: false,
  space: 0n,
};

/** Tells an account's state whenever a transaction that may write it reaches a commitment. */
export const watchAccount: CreateWatcher = (context, [key, options], { notify }) => {
  const address = parseAddress(key, "the account");
  const config = parseConfig(options);
  const commitment = parseCommitment(config.commitment);
  const look = parseAccountView(config);
  return {
    reached: ({ wire }, now) => {
      if (now !== commitment || !wire.writable.includes(address)) return;
      const view = viewAt(context, commitment);
      const account = view.account(address);
      const state = account.exists ? account : { ...CLOSED, address };
      notify(view.withContext(encodeAccount(state, look, view.account)));
    },
  };
};
