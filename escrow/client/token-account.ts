import { PublicKey, type TransactionInstruction } from "@solana/web3.js";
import { type Address, addressBytes, addressOf, publicKeyOf, renderAddress } from "./address.ts";
import { EscrowError } from "./escrow-error.ts";
import { createInstruction } from "./instructions/create-instruction.ts";
import { ASSOCIATED_TOKEN, role, SYSTEM, TOKEN } from "./instructions/role.ts";

/** A wallet's (or an escrow's) associated token account of a mint: the address that anybody can work out. */
export function deriveTokenAccount(owner: Address, mint: Address): Address {
  const seeds = [owner, TOKEN, mint].map(addressBytes);
  const [account] = PublicKey.findProgramAddressSync(seeds, publicKeyOf(ASSOCIATED_TOKEN));
  return addressOf(account);
}

/** Creates an associated token account, and does nothing when it exists (instruction 1, CreateIdempotent). */
export function createTokenAccount(payer: Address, owner: Address, mint: Address): TransactionInstruction {
  return createInstruction(
    ASSOCIATED_TOKEN,
    [
      role(payer, "signer, writable"),
      role(deriveTokenAccount(owner, mint), "writable"),
      role(owner),
      role(mint),
      role(SYSTEM),
      role(TOKEN),
    ],
    Uint8Array.of(1),
  );
}

export interface TokenAccount {
  mint: Address;
  owner: Address;
  /** Base units of the mint. */
  amount: bigint;
  isFrozen: boolean;
}

const TOKEN_ACCOUNT_BYTES = 165;
const FROZEN = 2;

/** Mint at 0, owner at 32, amount at 64, state at 108. Throws account_invalid for anything but a token account in use. */
export function decodeTokenAccount(data: Uint8Array): TokenAccount {
  const state = data[108];
  if (data.length !== TOKEN_ACCOUNT_BYTES || (state !== 1 && state !== FROZEN))
    throw new EscrowError("account_invalid", "these bytes are not a token account in use");
  return {
    mint: renderAddress(data.subarray(0, 32)),
    owner: renderAddress(data.subarray(32, 64)),
    amount: new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(64, true),
    isFrozen: state === FROZEN,
  };
}
