import type { MessageV0 } from "@solana/web3.js";

/** What one packet of the network holds, and so a transaction at most. */
export const TRANSACTION_BYTES_MAX = 1_232;

/** How long the signed transaction will be, worked out because web3.js cannot write one that is too long. */
export function transactionBytes(message: MessageV0): number {
  const { staticAccountKeys, compiledInstructions, header } = message;
  const signatures = lengthBytes(header.numRequiredSignatures) + 64 * header.numRequiredSignatures;
  const keys = lengthBytes(staticAccountKeys.length) + 32 * staticAccountKeys.length;
  const instructions = compiledInstructions.reduce(
    (sum, { accountKeyIndexes: accounts, data }) =>
      sum + 1 + lengthBytes(accounts.length) + accounts.length + lengthBytes(data.length) + data.length,
    lengthBytes(compiledInstructions.length),
  );
  const version = 1;
  const counts = 3;
  const blockhash = 32;
  const lookups = 1;
  return signatures + version + counts + keys + blockhash + instructions + lookups;
}

/** Lengths are written in 7 bits a byte. */
const lengthBytes = (length: number): number => (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3);
