import {
  type AccountMeta,
  AccountRole,
  type Address,
  type Instruction,
  type KeyPairSigner,
} from "@solana/kit";
import { PROGRAMS } from "../layout.ts";
import { keyOf } from "./evidence.ts";

const SYSTEM = PROGRAMS.system as Address;
const CREATE_ACCOUNT = 0;
const TRANSFER = 2;

/** An account that must sign, with who does. */
export const signing = (
  signer: KeyPairSigner,
  isWritten: boolean,
): AccountMeta & { signer: KeyPairSigner } => ({
  address: signer.address,
  role: isWritten ? AccountRole.WRITABLE_SIGNER : AccountRole.READONLY_SIGNER,
  signer,
});

export const plain = (address: Address, isWritten: boolean): AccountMeta => ({
  address,
  role: isWritten ? AccountRole.WRITABLE : AccountRole.READONLY,
});

export interface NewAccount {
  payer: KeyPairSigner;
  account: KeyPairSigner;
  lamports: bigint;
  space: bigint;
  owner: Address;
}

/** Makes an account at a key that signs. */
export function createAccount({ payer, account, lamports, space, owner }: NewAccount): Instruction {
  const data = new Uint8Array(52);
  const view = new DataView(data.buffer);
  view.setUint32(0, CREATE_ACCOUNT, true);
  view.setBigUint64(4, lamports, true);
  view.setBigUint64(12, space, true);
  data.set(keyOf(owner), 20);
  return { programAddress: SYSTEM, accounts: [signing(payer, true), signing(account, true)], data };
}

export function transferLamports(from: KeyPairSigner, to: Address, amount: bigint): Instruction {
  const data = new Uint8Array(12);
  const view = new DataView(data.buffer);
  view.setUint32(0, TRANSFER, true);
  view.setBigUint64(4, amount, true);
  return { programAddress: SYSTEM, accounts: [signing(from, true), plain(to, true)], data };
}
