import type { TransactionInstruction } from "@solana/web3.js";
import { encodeEd25519, type SignedMessage } from "../../solana/layout.ts";
import { createInstruction } from "./create-instruction.ts";
import { ED25519 } from "./role.ts";

/** Has the Ed25519 precompile verify signatures; the program reads what they were over from the instructions sysvar. */
export const verifySignatures = (signed: readonly SignedMessage[]): TransactionInstruction =>
  createInstruction(ED25519, [], encodeEd25519(signed));
