import type { Chain } from "../chain/chain.ts";
import type { Commitment } from "../chain/commitment.ts";
import type { TransactionRecord } from "../chain/transaction-record.ts";
import {
  encodeRecord,
  TRANSACTION_ENCODINGS,
  type TransactionEncoding,
} from "../encode/encode-transaction.ts";
import type { Methods } from "../rpc/method.ts";
import {
  parseAddress,
  parseBoolean,
  parseCommitment,
  parseConfig,
  parseInteger,
  parseList,
  parseSignature,
} from "../rpc/params.ts";
import { invalidParams, RpcError } from "../rpc/rpc-error.ts";
import { viewAt } from "./slot-view.ts";

/** Signatures in one call: a validator's own limits. */
const STATUSES_MAX = 256;
const SIGNATURES_MAX = 1_000;
/** How many times as long as a blockhash is valid a node knows a status without searching its history. */
const STATUS_CACHE_WINDOWS = 2;

export const HISTORY_METHODS: Methods = {
  getSignatureStatuses: (context, [list, options]) => {
    const { chain, faults } = context;
    const searches = parseBoolean(
      parseConfig(options).searchTransactionHistory ?? false,
      "searchTransactionHistory",
    );
    const signatures = parseList(list, "the signatures", STATUSES_MAX).map((entry) => parseSignature(entry));
    const cached_slots = STATUS_CACHE_WINDOWS * chain.blockhashes.valid_slots;
    return viewAt(context, "processed").withContext(
      signatures.map((signature) => {
        const record = chain.ledger.get(signature);
        if (!record || (!searches && chain.slot - record.slot > cached_slots)) return null;
        return faults.hidesStatus(signature) ? null : encodeStatus(chain, record);
      }),
    );
  },

  getTransaction: ({ chain }, [signature, options]) => {
    const config = typeof options === "string" ? { encoding: options } : parseConfig(options);
    const encoding = parseTransactionEncoding(config.encoding ?? "json");
    const commitment = parseSettled(config.commitment);
    const record = chain.ledger.get(parseSignature(signature));
    if (!record || !chain.hasReached(record, commitment)) return null;
    refuseUnknownVersion(record, config.maxSupportedTransactionVersion);
    return encodeRecord(record, encoding);
  },

  getSignaturesForAddress: ({ chain }, [key, options]) => {
    const { commitment: wanted, limit = SIGNATURES_MAX, before, until } = parseConfig(options);
    const commitment = parseSettled(wanted);
    const records = chain.ledger
      .ofAddress(parseAddress(key, "the account"))
      .filter((record) => chain.hasReached(record, commitment));
    const first = before === undefined ? 0 : indexOf(records, parseSignature(before, "before")) + 1;
    const end = until === undefined ? -1 : indexOf(records, parseSignature(until, "until"));
    return records
      .slice(first, end === -1 ? undefined : end)
      .slice(0, parseInteger(limit, "limit", SIGNATURES_MAX))
      .map((record) => ({
        signature: record.wire.signature,
        slot: record.slot,
        err: record.error,
        memo: null,
        blockTime: record.time_s,
        confirmationStatus: chain.commitmentOf(record),
      }));
  },
};

function encodeStatus(chain: Chain, record: TransactionRecord): object {
  const { slot, error } = record;
  const confirmationStatus = chain.commitmentOf(record);
  return {
    slot,
    confirmations: confirmationStatus === "finalized" ? null : chain.slot - slot,
    err: error,
    status: error === null ? { Ok: null } : { Err: error },
    confirmationStatus,
  };
}

/** What history is told of: a validator keeps none of what is only processed. */
function parseSettled(value: unknown): Commitment {
  const commitment = parseCommitment(value);
  if (commitment !== "processed") return commitment;
  throw invalidParams("Method does not support commitment below `confirmed`");
}

function parseTransactionEncoding(value: unknown): TransactionEncoding {
  const encoding = TRANSACTION_ENCODINGS.find((known) => known === value);
  if (encoding === undefined)
    throw invalidParams(`encoding must be one of ${TRANSACTION_ENCODINGS.join(", ")}`);
  return encoding;
}

function refuseUnknownVersion({ wire }: TransactionRecord, supported: unknown): void {
  const { version } = wire.message;
  if (version === "legacy" || (supported !== undefined && parseInteger(supported, "the version") >= version))
    return;
  throw new RpcError(
    "version_unsupported",
    `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
}

const indexOf = (records: readonly TransactionRecord[], signature: string): number =>
  records.findIndex(({ wire }) => wire.signature === signature);
