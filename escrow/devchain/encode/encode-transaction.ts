import { getBase58Decoder } from "@solana/kit";
import { feeOf, type TransactionRecord } from "../chain/transaction-record.ts";
import { isWritable, type WireTransaction } from "../chain/wire-transaction.ts";
import { encodeInstruction, encodeParsedInstruction, type IndexedInstruction } from "./encode-instruction.ts";

export const TRANSACTION_ENCODINGS = ["json", "jsonParsed", "base58", "base64"] as const;
export type TransactionEncoding = (typeof TRANSACTION_ENCODINGS)[number];

/** A transaction of the chain as `getTransaction` writes it. */
export function encodeRecord(record: TransactionRecord, encoding: TransactionEncoding): object {
  return {
    slot: record.slot,
    blockTime: record.time_s,
    version: record.wire.message.version,
    transaction: encodeWire(record.wire, encoding),
    meta: encodeMeta(record, encoding),
  };
}

function encodeWire(wire: WireTransaction, encoding: TransactionEncoding): unknown {
  switch (encoding) {
    case "base64":
      return [Buffer.from(wire.bytes).toString("base64"), "base64"];
    case "base58":
      return [getBase58Decoder().decode(wire.bytes), "base58"];
    case "json":
      return { signatures: wire.signatures, message: encodeMessage(wire) };
    case "jsonParsed":
      return { signatures: wire.signatures, message: encodeParsedMessage(wire) };
    default:
      return encoding satisfies never;
  }
}

function encodeMessage(wire: WireTransaction): object {
  const { header, staticAccounts, lifetimeToken, version } = wire.message;
  return {
    header: {
      numRequiredSignatures: header.numSignerAccounts,
      numReadonlySignedAccounts: header.numReadonlySignerAccounts,
      numReadonlyUnsignedAccounts: header.numReadonlyNonSignerAccounts,
    },
    accountKeys: staticAccounts,
    recentBlockhash: lifetimeToken,
    instructions: ownInstructions(wire).map(encodeInstruction),
    ...(version === 0 && { addressTableLookups: [] }),
  };
}

function encodeParsedMessage(wire: WireTransaction): object {
  const { header, staticAccounts, lifetimeToken } = wire.message;
  return {
    accountKeys: staticAccounts.map((pubkey, index) => ({
      pubkey,
      signer: index < header.numSignerAccounts,
      writable: isWritable(wire.message, index),
      source: "transaction",
    })),
    recentBlockhash: lifetimeToken,
    instructions: ownInstructions(wire).map((instruction) => encodeParsedInstruction(instruction, wire.keys)),
  };
}

function encodeMeta(record: TransactionRecord, encoding: TransactionEncoding): object {
  const { wire, error, meta, before, after } = record;
  return {
    err: error,
    status: error === null ? { Ok: null } : { Err: error },
    fee: feeOf(record),
    preBalances: before.lamports,
    postBalances: after.lamports,
    preTokenBalances: before.tokens,
    postTokenBalances: after.tokens,
    logMessages: meta.logs(),
    computeUnitsConsumed: meta.computeUnitsConsumed(),
    innerInstructions: innerInstructions(record).map(({ index, calls }) => ({
      index,
      instructions: calls.map((call) =>
        encoding === "jsonParsed" ? encodeParsedInstruction(call, wire.keys) : encodeInstruction(call),
      ),
    })),
    loadedAddresses: { writable: [], readonly: [] },
    rewards: [],
  };
}

const ownInstructions = ({ message }: WireTransaction): IndexedInstruction[] =>
  message.instructions.map(({ programAddressIndex, accountIndices = [], data = new Uint8Array() }) => ({
    program: programAddressIndex,
    accounts: accountIndices,
    data,
    stack_height: 1,
  }));

/** The calls that each of the transaction's own instructions led to; those without any are left out. */
const innerInstructions = ({ meta }: TransactionRecord): { index: number; calls: IndexedInstruction[] }[] =>
  meta
    .innerInstructions()
    .map((inner, index) => ({
      index,
      calls: inner.map((call) => {
        const instruction = call.instruction();
        return {
          program: instruction.programIdIndex(),
          accounts: [...instruction.accounts()],
          data: instruction.data(),
          stack_height: call.stackHeight(),
        };
      }),
    }))
    .filter(({ calls }) => calls.length > 0);
