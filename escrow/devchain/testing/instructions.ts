import {
  type Address,
  address,
  createNoopSigner,
  type Instruction,
  isSignerRole,
  isWritableRole,
} from "@solana/kit";
import { type Keypair, PublicKey, SystemProgram, TransactionInstruction } from "@solana/web3.js";

export const transfer = (from: Keypair, to: PublicKey, lamports: number): TransactionInstruction =>
  SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });

/** An instruction of kit's, for web3.js 1.x. */
export const fromKit = ({ programAddress, accounts = [], data = new Uint8Array() }: Instruction) =>
  new TransactionInstruction({
    programId: new PublicKey(programAddress),
    keys: accounts.map((account) => ({
      pubkey: new PublicKey(account.address),
      isSigner: isSignerRole(account.role),
      isWritable: isWritableRole(account.role),
    })),
    data: Buffer.from(data),
  });

export const addressOf = ({ publicKey }: { publicKey: PublicKey }): Address => address(publicKey.toBase58());

/** Who will sign later, with web3.js. */
export const signerOf = (keypair: Keypair) => createNoopSigner(addressOf(keypair));
