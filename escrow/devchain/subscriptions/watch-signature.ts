import type { TransactionRecord } from "../chain/transaction-record.ts";
import { viewAt } from "../methods/slot-view.ts";
import { parseCommitment, parseConfig, parseSignature } from "../rpc/params.ts";
import type { CreateWatcher } from "./watcher.ts";

/** Tells once when a transaction reaches a commitment; at once when it already has. */
export const watchSignature: CreateWatcher = (context, [value, options], { notify, end }) => {
  const { chain } = context;
  const signature = parseSignature(value);
  const commitment = parseCommitment(parseConfig(options).commitment);
  const tell = ({ error }: TransactionRecord) => {
    notify(viewAt(context, commitment).withContext({ err: error }));
    end();
  };
  return {
    start: () => {
      const record = chain.ledger.get(signature);
      if (record && chain.hasReached(record, commitment)) tell(record);
    },
    reached: (record, now) => {
      if (record.wire.signature === signature && now === commitment) tell(record);
    },
  };
};
