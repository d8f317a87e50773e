import {
  type Address,
  getBase58Decoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type LegacyCompiledTransactionMessage,
  type Transaction,
  type V0CompiledTransactionMessage,
} from "@solana/kit";

/** Bytes of a serialized transaction: what fits a UDP packet of 1,280 bytes. */
const TRANSACTION_BYTES_MAX = 1_232;

export type CompiledMessage = (LegacyCompiledTransactionMessage | V0CompiledTransactionMessage) & {
  readonly lifetimeToken: string;
};

/** A transaction as it came over the wire, and what the chain asks of it. */
export interface WireTransaction {
  bytes: Uint8Array;
  transaction: Transaction;
  message: CompiledMessage;
  /** The fee payer's, in base58: the transaction's id. */
  signature: string;
  signatures: string[];
  isSigned: boolean;
  blockhash: string;
  /** All accounts, in the order in which instructions count them. */
  keys: readonly Address[];
  writable: readonly Address[];
}

/** @throws Error when the bytes are no transaction that this chain executes */
export function readWireTransaction(bytes: Uint8Array): WireTransaction {
  if (bytes.length > TRANSACTION_BYTES_MAX) {
    throw new Error(
      `the transaction has ${bytes.length} bytes, at most ${TRANSACTION_BYTES_MAX} are allowed`,
    );
  }
  const transaction = decode("transaction", () => getTransactionDecoder().decode(bytes));
  const message = readMessage(Uint8Array.from(transaction.messageBytes));
  const signatures = Object.values(transaction.signatures).map((signature) =>
    getBase58Decoder().decode(signature ?? new Uint8Array(64)),
  );
  const [signature] = signatures;
  if (signature === undefined) throw new Error("the transaction has no fee payer");
  return {
    bytes,
    transaction,
    message,
    signature,
    signatures,
    isSigned: Object.values(transaction.signatures).every((bytes) => bytes !== null),
    blockhash: message.lifetimeToken,
    keys: message.staticAccounts,
    writable: message.staticAccounts.filter((_, index) => isWritable(message, index)),
  };
}

/** @throws Error when the bytes are no message of a transaction that this chain executes */
export function readMessage(bytes: Uint8Array): CompiledMessage {
  const message = decode("message", () => getCompiledTransactionMessageDecoder().decode(bytes));
  if (message.version !== "legacy" && message.version !== 0) {
    throw new Error(
      `the transaction has version ${message.version}; this chain takes legacy ones and version 0`,
    );
  }
  if (message.version === 0 && message.addressTableLookups && message.addressTableLookups.length > 0) {
    throw new Error(
      "the transaction looks accounts up in an address table; this chain has no address tables",
    );
  }
  return message;
}

export function isWritable({ header, staticAccounts }: CompiledMessage, index: number): boolean {
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } = header;
  if (index < numSignerAccounts) return index < numSignerAccounts - numReadonlySignerAccounts;
  return index < staticAccounts.length - numReadonlyNonSignerAccounts;
}

function decode<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`the bytes are no ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
