import type { Bytes } from "@infernet/schemas/digest";
import { type MessageCompiledInstruction, VersionedTransaction } from "@solana/web3.js";
import { type Address, addressOf, parseAddress } from "../address.ts";
import { EscrowError } from "../escrow-error.ts";
import { TOKEN } from "../instructions/role.ts";
import { TRANSACTION_BYTES_MAX } from "../transaction/transaction-bytes.ts";
import { verifyEd25519 } from "../verify-ed25519.ts";

/** A transfer of tokens that its payer has signed, and whose fee another is to pay, who has not signed yet. */
export interface TokenPayment {
  /** What both sign. Its fee payer's signature, and so the transaction's name on the chain, follows from it. */
  message: Bytes;
  /** The whole transaction. */
  raw: Bytes;
  fee_payer: Address;
  /** Who moves the tokens. */
  payer: Address;
  source: Address;
  mint: Address;
  destination: Address;
  /** Base units of the mint. */
  amount: bigint;
  blockhash: string;
  /** Lamports that it offers for being taken soon, at the fee payer's cost. */
  priority_fee: bigint;
}

const COMPUTE_BUDGET = parseAddress("ComputeBudget111111111111111111111111111111");
const MEMO = parseAddress("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

const SIGNATURE_BYTES = 64;
const SIGNERS = 2;
const FEE_PAYER = 0;
const PAYER = 1;

/**
 * Reads a transaction that a fee payer can sign without looking further: it has two signers, one transfer of the classic
 * token program (TransferChecked) by the second of them, one compute unit limit and price, at most one memo, nothing else,
 * and no instruction names the fee payer at all, so that the most it can cost the fee payer is the fee. Throws
 * payment_invalid for any other.
 */
export async function parseTokenPayment(raw: Uint8Array): Promise<TokenPayment> {
  const transaction = deserialize(raw);
  const { message, signatures } = transaction;
  const { header, compiledInstructions: instructions, recentBlockhash: blockhash } = message;
  if (message.addressTableLookups.length > 0) throw refused("it looks addresses up in tables");
  if (header.numRequiredSignatures !== SIGNERS)
    throw refused(`it takes ${header.numRequiredSignatures} signatures, not ${SIGNERS}`);
  const keys = message.staticAccountKeys.map(addressOf);
  if (new Set(keys).size !== keys.length) throw refused("it names an account twice");
  const keyAt = (index: number | undefined): Address => {
    const key = index === undefined ? undefined : keys[index];
    if (key === undefined) throw refused("an instruction names an account that is not there");
    return key;
  };
  if (
    instructions.some(({ programIdIndex, accountKeyIndexes }) =>
      [programIdIndex, ...accountKeyIndexes].includes(FEE_PAYER),
    )
  )
    throw refused("an instruction names the fee payer");
  const by = Map.groupBy(instructions, ({ programIdIndex }) => keyAt(programIdIndex));
  const known = new Set<string>([COMPUTE_BUDGET, TOKEN, MEMO]);
  for (const program of by.keys()) if (!known.has(program)) throw refused(`it calls the program ${program}`);
  if ((by.get(MEMO) ?? []).length > 1) throw refused("it has more than one memo");
  const transfer = readTransfer(by.get(TOKEN) ?? [], keyAt);
  const bytes = new Uint8Array(message.serialize());
  const payer = keyAt(PAYER);
  const signature = signatures[PAYER] ?? new Uint8Array(SIGNATURE_BYTES);
  if (!(await verifyEd25519(payer, bytes, signature))) throw refused(`${payer} did not sign it`);
  return {
    ...transfer,
    message: bytes,
    raw: new Uint8Array(raw),
    fee_payer: keyAt(FEE_PAYER),
    payer,
    blockhash,
    priority_fee: readPriorityFee(by.get(COMPUTE_BUDGET) ?? []),
  };
}

function deserialize(raw: Uint8Array): VersionedTransaction {
  if (raw.length > TRANSACTION_BYTES_MAX)
    throw refused(`it has ${raw.length} bytes; ${TRANSACTION_BYTES_MAX} is the most that the network takes`);
  let transaction: VersionedTransaction;
  let again: Uint8Array;
  try {
    transaction = VersionedTransaction.deserialize(raw);
    again = transaction.serialize();
  } catch {
    throw refused("its bytes are not a transaction");
  }
  if (again.length !== raw.length || again.some((byte, i) => byte !== raw[i]))
    throw refused("its bytes are not how a transaction is written");
  return transaction;
}

const TRANSFER_CHECKED = 12;
const TRANSFER_BYTES = 10;
const TRANSFER_ACCOUNTS = 4;

/** TransferChecked: a u64 amount and the decimals; source, mint, destination and the source's owner or delegate. */
function readTransfer(
  instructions: readonly MessageCompiledInstruction[],
  keyAt: (index: number | undefined) => Address,
): Pick<TokenPayment, "source" | "mint" | "destination" | "amount"> {
  const [transfer] = instructions;
  if (transfer === undefined || instructions.length !== 1)
    throw refused(`it calls the token program ${instructions.length} times, not once`);
  const { data, accountKeyIndexes: accounts } = transfer;
  if (data[0] !== TRANSFER_CHECKED || data.length !== TRANSFER_BYTES || accounts.length !== TRANSFER_ACCOUNTS)
    throw refused("it calls the token program for something else than TransferChecked");
  if (accounts[3] !== PAYER) throw refused("its second signer is not who moves the tokens");
  return {
    source: keyAt(accounts[0]),
    mint: keyAt(accounts[1]),
    destination: keyAt(accounts[2]),
    amount: viewOf(data).getBigUint64(1, true),
  };
}

const SET_UNIT_LIMIT = 2;
const SET_UNIT_PRICE = 3;
const MICRO = 1_000_000n;

/** Each once: without a limit the price would count for whatever the network allows. */
function readPriorityFee(instructions: readonly MessageCompiledInstruction[]): bigint {
  const [limit, ...limits] = instructions.filter(
    ({ data }) => data[0] === SET_UNIT_LIMIT && data.length === 5,
  );
  const [price, ...prices] = instructions.filter(
    ({ data }) => data[0] === SET_UNIT_PRICE && data.length === 9,
  );
  const isOther = instructions.length !== 2 || limits.length > 0 || prices.length > 0;
  if (limit === undefined || price === undefined || isOther)
    throw refused("it does not set a compute unit limit and a compute unit price, each once");
  const units = BigInt(viewOf(limit.data).getUint32(1, true));
  return (units * viewOf(price.data).getBigUint64(1, true) + MICRO - 1n) / MICRO;
}

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

const refused = (what: string): EscrowError => new EscrowError("payment_invalid", what);
