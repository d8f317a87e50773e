import { address } from "@solana/kit";
import { Keypair, PublicKey } from "@solana/web3.js";
import { getTransferCheckedInstruction, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { addressOf, fromKit, signerOf } from "../testing/instructions.ts";
import { openChain } from "../testing/open-chain.ts";
import { sendFresh } from "../testing/send-fresh.ts";

const { chain, connection, wallet } = await openChain();
const mint = await chain.createMint();
const mintKey = new PublicKey(mint);
const ofMint = { mint: mintKey };

/** Mints, and lets it become final. */
async function fund(owner: Keypair, amount: bigint): Promise<PublicKey> {
  const { account } = await chain.mint(mint, owner.publicKey.toBase58(), amount);
  chain.warp(1);
  return new PublicKey(account);
}

async function pay(
  from: Keypair,
  source: PublicKey,
  destination: PublicKey,
  amount: bigint,
): Promise<string> {
  const instruction = getTransferCheckedInstruction({
    source: address(source.toBase58()),
    mint,
    destination: address(destination.toBase58()),
    authority: signerOf(from),
    amount,
    decimals: 6,
  });
  return sendFresh(connection, from, fromKit(instruction));
}

test("minted tokens are the owner's, and can be paid on", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const [source, destination] = [await fund(from, 10_000_000n), await fund(to, 0n)];
  await pay(from, source, destination, 2_500_000n);
  const { value } = await connection.getTokenAccountBalance(destination);
  expect(value).toEqual({ amount: "2500000", decimals: 6, uiAmount: 2.5, uiAmountString: "2.5" });
});

test("the supply is what was minted", async () => {
  const before = BigInt((await connection.getTokenSupply(mintKey)).value.amount);
  await fund(Keypair.generate(), 7n);
  expect(BigInt((await connection.getTokenSupply(mintKey)).value.amount) - before).toBe(7n);
});

test("a frozen account pays nothing until it is thawed", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const [source, destination] = [await fund(from, 1_000n), await fund(to, 0n)];
  await chain.setFrozen(mint, source.toBase58(), true);
  await expect(pay(from, source, destination, 1n)).rejects.toThrow("custom program error: 0x11");
  await chain.setFrozen(mint, source.toBase58(), false);
  await pay(from, source, destination, 1n);
});

test("an owner's accounts are found by mint and by program", async () => {
  const owner = await wallet();
  const account = await fund(owner, 5n);
  const byMint = await connection.getTokenAccountsByOwner(owner.publicKey, ofMint);
  expect(byMint.value.map(({ pubkey }) => pubkey.toBase58())).toEqual([account.toBase58()]);
  const programId = new PublicKey(TOKEN_PROGRAM_ADDRESS);
  const parsed = await connection.getParsedTokenAccountsByOwner(owner.publicKey, { programId });
  expect(parsed.value[0]?.account.data.parsed).toMatchObject({
    type: "account",
    info: {
      mint,
      owner: addressOf(owner),
      state: "initialized",
      isNative: false,
      tokenAmount: { amount: "5" },
    },
  });
  const other = Keypair.generate().publicKey;
  expect((await connection.getTokenAccountsByOwner(owner.publicKey, { mint: other })).value).toEqual([]);
});

test("a mint is parsed", async () => {
  const { value } = await connection.getParsedAccountInfo(mintKey);
  expect(value?.data).toMatchObject({
    program: "spl-token",
    space: 82,
    parsed: { type: "mint", info: { decimals: 6, isInitialized: true, mintAuthority: chain.faucet } },
  });
});

test("the largest holders come first", async () => {
  const own = await chain.createMint({ decimals: 0 });
  const owners = [3n, 9n, 6n].map((amount) => ({ amount, owner: Keypair.generate().publicKey.toBase58() }));
  for (const { amount, owner } of owners) await chain.mint(own, owner, amount);
  chain.warp(1);
  const { value } = await connection.getTokenLargestAccounts(new PublicKey(own));
  expect(value.map(({ amount }) => amount)).toEqual(["9", "6", "3"]);
});

test("what is no token account has no token balance", async () => {
  const balanceOf = async (key: string) => (await callRpc(chain.url, "getTokenAccountBalance", key)).error;
  expect(await balanceOf(mint)).toMatchObject({
    code: -32602,
    message: "Invalid param: not a Token account",
  });
  expect(await balanceOf(Keypair.generate().publicKey.toBase58())).toMatchObject({
    code: -32602,
    message: "Invalid param: could not find account",
  });
});
