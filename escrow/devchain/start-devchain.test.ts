import {
  appendTransactionMessageInstruction,
  assertIsTransactionWithBlockhashLifetime,
  createKeyPairSignerFromBytes,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { Keypair } from "@solana/web3.js";
import {
  findAssociatedTokenPda,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import { expect, test } from "vitest";
import { startDevchain } from "./start-devchain.ts";
import { addressOf } from "./testing/instructions.ts";
import { openChain } from "./testing/open-chain.ts";

const { chain, connection, wallet } = await openChain();

test("it poses as devnet, unless it is told otherwise", async () => {
  expect((await connection.getGenesisHash()).slice(0, 32)).toBe("EtWTRABZaYq6iMfeYKouRu166VU2xqa1");
  const hash = Keypair.generate().publicKey.toBase58();
  const other = await openChain({ genesis_hash: hash });
  expect(await other.connection.getGenesisHash()).toBe(hash);
  expect(await other.connection.getVersion()).toHaveProperty("solana-core");
});

test("a port that is taken, a hash that is none and a program that is none are errors", async () => {
  await expect(startDevchain({ port: Number(new URL(chain.url).port) })).rejects.toThrow("EADDRINUSE");
  await expect(startDevchain({ genesis_hash: "devnet" })).rejects.toThrow(
    "the genesis hash must be 32 bytes",
  );
  await expect(startDevchain({ programs: [{ id: "x", elf: new Uint8Array() }] })).rejects.toThrow(
    "the program x cannot be loaded",
  );
  await expect(startDevchain({ faults: { drop_share: 7 } })).rejects.toThrow("drop_share");
});

test("kit pays tokens and waits for the confirmation", async () => {
  const [payer, payee] = [await wallet(), addressOf(Keypair.generate())];
  const signer = await createKeyPairSignerFromBytes(payer.secretKey);
  const mint = await chain.createMint();
  const source = (await chain.mint(mint, signer.address, 1_000n)).account;
  const destination = (await chain.mint(mint, payee, 0n)).account;
  const [derived] = await findAssociatedTokenPda({ mint, owner: payee, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  expect(destination).toBe(derived);

  const rpc = createSolanaRpc(chain.url);
  const rpcSubscriptions = createSolanaRpcSubscriptions(chain.wsUrl);
  const { value: lifetime } = await rpc.getLatestBlockhash().send();
  const amounts = { amount: 400n, decimals: 6 };
  const transaction = await signTransactionMessageWithSigners(
    pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayerSigner(signer, empty),
      (paid) => setTransactionMessageLifetimeUsingBlockhash(lifetime, paid),
      (timed) =>
        appendTransactionMessageInstruction(
          getTransferCheckedInstruction({ source, mint, destination, authority: signer, ...amounts }),
          timed,
        ),
    ),
  );
  assertIsTransactionWithBlockhashLifetime(transaction);
  const send = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
  await send(transaction, { commitment: "confirmed" });
  const { value } = await rpc.getTokenAccountBalance(destination, { commitment: "confirmed" }).send();
  expect(value.amount).toBe("400");
});

test("after it is closed nobody answers", async () => {
  const short = await startDevchain();
  await short.close();
  await expect(fetch(`${short.url}/health`)).rejects.toThrow();
});
