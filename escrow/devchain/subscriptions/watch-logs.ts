import type { Address } from "@solana/kit";
import { viewAt } from "../methods/slot-view.ts";
import { parseAddress, parseCommitment, parseConfig, parseList } from "../rpc/params.ts";
import type { CreateWatcher } from "./watcher.ts";

/** Tells the logs of all transactions, or of those that name an address. */
export const watchLogs: CreateWatcher = (context, [filter, options], { notify }) => {
  const mention = parseMention(filter);
  const commitment = parseCommitment(parseConfig(options).commitment);
  return {
    reached: ({ wire, error, meta }, now) => {
      if (now !== commitment || (mention !== null && !wire.keys.includes(mention))) return;
      notify(
        viewAt(context, commitment).withContext({ signature: wire.signature, err: error, logs: meta.logs() }),
      );
    },
  };
};

/** null for everything; as on a validator, one address at most. */
function parseMention(filter: unknown): Address | null {
  if (filter === "all" || filter === "allWithVotes") return null;
  const [mention] = parseList(parseConfig(filter, "the filter").mentions, "mentions", 1);
  return parseAddress(mention, "mentions");
}
