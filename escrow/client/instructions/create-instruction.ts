import { type AccountMeta, TransactionInstruction } from "@solana/web3.js";
// biome-ignore lint/style/useNodejsImportProtocol: outside Node it is the package that web3.js brings; no nodejs_compat is needed.
import { Buffer } from "buffer";
import { type Address, publicKeyOf } from "../address.ts";

/** An instruction to a program, as web3.js wants it: with a Buffer. */
export const createInstruction = (
  program: Address,
  keys: AccountMeta[],
  data: Uint8Array,
): TransactionInstruction =>
  new TransactionInstruction({ programId: publicKeyOf(program), keys, data: Buffer.from(data) });
