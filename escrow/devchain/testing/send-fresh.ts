import { type Connection, type Keypair, Transaction, type TransactionInstruction } from "@solana/web3.js";

/** Signs with a blockhash of this moment: web3.js would use an earlier one again, which a warp has made too old. */
export async function signFresh(
  connection: Connection,
  payer: Keypair,
  instructions: readonly TransactionInstruction[],
): Promise<Transaction> {
  const lifetime = await connection.getLatestBlockhash();
  const transaction = new Transaction({ feePayer: payer.publicKey, ...lifetime }).add(...instructions);
  transaction.sign(payer);
  return transaction;
}

/** Sends it, and waits until it is confirmed. */
export async function sendFresh(
  connection: Connection,
  payer: Keypair,
  ...instructions: TransactionInstruction[]
): Promise<string> {
  const transaction = await signFresh(connection, payer, instructions);
  const signature = await connection.sendRawTransaction(transaction.serialize());
  await connection.confirmTransaction(signature, "confirmed");
  return signature;
}
