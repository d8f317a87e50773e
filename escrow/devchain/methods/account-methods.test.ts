import { Keypair, PublicKey, SystemProgram } from "@solana/web3.js";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { openChain, SLOT_MS } from "../testing/open-chain.ts";
import { sendFresh } from "../testing/send-fresh.ts";

const { chain, connection, wallet } = await openChain({ lags: { confirmed: 20, finalized: 40 } });
const TOKENS = new PublicKey(TOKEN_PROGRAM_ADDRESS);
const SOL = 1_000_000_000;

/** Lets everything become final. */
const settle = () => chain.warp(3);

test("what was executed is seen by those who ask for no more than they get", async () => {
  const { publicKey } = Keypair.generate();
  await chain.airdrop(publicKey.toBase58(), BigInt(SOL));
  const balances = async () =>
    await Promise.all([
      connection.getBalance(publicKey, "processed"),
      connection.getBalance(publicKey, "confirmed"),
      connection.getBalance(publicKey, "finalized"),
    ]);
  expect(await balances()).toEqual([SOL, 0, 0]);
  chain.warp((20 * SLOT_MS) / 1000);
  expect(await balances()).toEqual([SOL, SOL, 0]);
  chain.warp((20 * SLOT_MS) / 1000);
  expect(await balances()).toEqual([SOL, SOL, SOL]);
});

test("who names no commitment sees what is final", async () => {
  const { publicKey } = Keypair.generate();
  await chain.airdrop(publicKey.toBase58(), BigInt(SOL));
  const balance = async () => (await callRpc(chain.url, "getBalance", publicKey.toBase58())).result;
  expect(await balance()).toMatchObject({ value: 0 });
  settle();
  expect(await balance()).toMatchObject({ value: SOL });
});

test("an account that is not there is null, alone and among others", async () => {
  const { publicKey } = await wallet();
  settle();
  const missing = Keypair.generate().publicKey;
  expect(await connection.getAccountInfo(missing)).toBeNull();
  const [found, none] = await connection.getMultipleAccountsInfo([publicKey, missing]);
  expect(found?.lamports).toBe(10 * SOL);
  expect(found?.owner).toEqual(SystemProgram.programId);
  expect(none).toBeNull();
});

test("an emptied account is gone", async () => {
  const owner = await wallet();
  settle();
  const all = SystemProgram.transfer({
    fromPubkey: owner.publicKey,
    toPubkey: Keypair.generate().publicKey,
    lamports: 10 * SOL - 5_000,
  });
  await sendFresh(connection, owner, all);
  expect(await connection.getAccountInfo(owner.publicKey, "processed")).toBeNull();
});

test("a program's accounts are filtered by size and by bytes", async () => {
  const mint = await chain.createMint();
  const owner = Keypair.generate().publicKey;
  const { account } = await chain.mint(mint, owner.toBase58(), 1n);
  await chain.mint(mint, Keypair.generate().publicKey.toBase58(), 1n);
  const ofMint = { memcmp: { offset: 0, bytes: mint } };
  const ofOwner = { memcmp: { offset: 32, bytes: owner.toBase58() } };
  const find = (filters: object[]) =>
    connection.getProgramAccounts(TOKENS, { commitment: "processed", filters: filters as never });
  expect(await find([{ dataSize: 165 }, ofMint])).toHaveLength(2);
  expect((await find([{ dataSize: 165 }, ofMint, ofOwner])).map(({ pubkey }) => pubkey.toBase58())).toEqual([
    account,
  ]);
  expect(await find([{ dataSize: 164 }, ofMint])).toEqual([]);
  const mints = await find([{ dataSize: 82 }]);
  expect(mints.map(({ pubkey }) => pubkey.toBase58())).toContain(mint);
  expect(await connection.getProgramAccounts(TOKENS, { filters: [{ dataSize: 165 }, ofMint] })).toEqual([]);
});

test("a slice of the data is given when it is asked for", async () => {
  const mint = await chain.createMint();
  const slice = await connection.getAccountInfo(new PublicKey(mint), {
    dataSlice: { offset: 44, length: 1 },
  });
  expect([...(slice?.data ?? [])]).toEqual([6]);
});

test("data comes in base58 and base64, and bare base58 when nobody says how", async () => {
  const mint = await chain.createMint();
  const data = async (options?: object) => {
    const { result } = await callRpc(chain.url, "getAccountInfo", mint, options);
    return (result as { value: { data: unknown } }).value.data;
  };
  const bytes = (await connection.getAccountInfo(new PublicKey(mint)))?.data;
  expect(await data({ encoding: "base64" })).toEqual([bytes?.toString("base64"), "base64"]);
  const bare = await data();
  expect(bare).toBeTypeOf("string");
  expect(await data({ encoding: "base58" })).toEqual([bare, "base58"]);
});

test("long data is refused in base58", async () => {
  const mint = await chain.createMint();
  const { account } = await chain.mint(mint, Keypair.generate().publicKey.toBase58(), 1n);
  settle();
  const { error } = await callRpc(chain.url, "getAccountInfo", account, { encoding: "base58" });
  expect(error).toMatchObject({ code: -32600, message: expect.stringContaining("less than 128 bytes") });
});

test("an account below the rent's minimum is not made", async () => {
  const owner = await wallet();
  const minimum = await connection.getMinimumBalanceForRentExemption(0);
  expect(minimum).toBeGreaterThan(500_000);
  const toNew = SystemProgram.transfer({
    fromPubkey: owner.publicKey,
    toPubkey: Keypair.generate().publicKey,
    lamports: minimum - 1,
  });
  await expect(sendFresh(connection, owner, toNew)).rejects.toThrow("insufficient funds for rent");
});

test.each([
  ["getAccountInfo", ["nobody"], "the account must be an address"],
  ["getBalance", [], "the account must be an address"],
  ["getAccountInfo", [TOKEN_PROGRAM_ADDRESS, { encoding: "base65" }], "encoding must be one of"],
  ["getAccountInfo", [TOKEN_PROGRAM_ADDRESS, { commitment: "certain" }], "commitment must be one of"],
  ["getAccountInfo", [TOKEN_PROGRAM_ADDRESS, 7], "the options must be an object"],
  ["getMultipleAccounts", [Array(101).fill(TOKEN_PROGRAM_ADDRESS)], "at most 100"],
  ["getProgramAccounts", [TOKEN_PROGRAM_ADDRESS, { filters: [{}] }], "a filter must have dataSize or memcmp"],
  ["getMinimumBalanceForRentExemption", [-1], "the data length must be a whole number"],
])("%s of %j is refused with its rule", async (method, params, message) => {
  const { error } = await callRpc(chain.url, method, ...params);
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(message) });
});
