import type { Bytes } from "@infernet/schemas/digest";
import {
  type Address,
  getAddressEncoder,
  type Instruction,
  type KeyPairSigner,
  signBytes,
} from "@solana/kit";
import { commitmentMessage, encodeEd25519, PROGRAMS, type SignedMessage, voucherMessage } from "../layout.ts";

/** The raw bytes of an address. */
export const keyOf = (address: Address): Bytes => Uint8Array.from(getAddressEncoder().encode(address));

export async function signMessage(signer: KeyPairSigner, message: Bytes): Promise<SignedMessage> {
  const signature = await signBytes(signer.keyPair.privateKey, message);
  return { signature, public_key: keyOf(signer.address), message };
}

export const signVoucher = (
  client: KeyPairSigner,
  escrow: Address,
  opened_slot: bigint,
  limit: bigint,
): Promise<SignedMessage> => signMessage(client, voucherMessage(keyOf(escrow), opened_slot, limit));

/** A provider's commitment whose context and root are one byte each, repeated. */
export const signCommitment = (
  provider: KeyPairSigner,
  context: number,
  root: number,
): Promise<SignedMessage> =>
  signMessage(provider, commitmentMessage(new Uint8Array(32).fill(context), new Uint8Array(32).fill(root)));

/** The instruction that has the Ed25519 precompile check signatures, and makes them readable for the next one. */
export const checkSignatures = (...signed: readonly SignedMessage[]): Instruction => ({
  programAddress: PROGRAMS.ed25519 as Address,
  accounts: [],
  data: encodeEd25519(signed),
});
