import { GENESIS } from "@infernet/escrow/client/cluster";
import { expect, it } from "vitest";
import { parseSolanaSettings, type SolanaEnv } from "./solana-settings.ts";

const ENV: SolanaEnv = {
  SOLANA_RPC_URLS: "https://one.example/?key=secret, https://two.example",
  SOLANA_GENESIS_HASH: GENESIS.devnet,
  SOLANA_PROGRAM: "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB",
  SOLANA_MINT: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
  AGGREGATOR_PRIVATE_KEY: btoa("0123456789abcdef0123456789abcdef"),
};

it("a deployment that sets nothing of it has no rail, whatever its keys", () => {
  expect(parseSolanaSettings({})).toBeNull();
  expect(
    parseSolanaSettings({ SOLANA_RPC_URLS: "", AGGREGATOR_PRIVATE_KEY: ENV.AGGREGATOR_PRIVATE_KEY ?? "" }),
  ).toBeNull();
});

it("endpoints are kept in their order, and three hosts have to agree", () => {
  expect(parseSolanaSettings(ENV)?.client).toMatchObject({
    endpoints: ["https://one.example/?key=secret", "https://two.example"],
    cross_check: false,
    allow_mainnet: false,
  });
  const three = { ...ENV, SOLANA_RPC_URLS: `${ENV.SOLANA_RPC_URLS},https://three.example` };
  expect(parseSolanaSettings(three)?.client.cross_check).toBe(true);
});

it("a unit price is paid as it is set, and nothing without one", () => {
  expect(parseSolanaSettings(ENV)?.unit_price).toBe(0n);
  const priced = parseSolanaSettings({ ...ENV, SOLANA_UNIT_PRICE: "250000" });
  expect([priced?.unit_price, priced?.client.unit_price_max]).toEqual([250_000n, 250_000n]);
});

it("mainnet takes a word of its own", () => {
  const mainnet = { ...ENV, SOLANA_GENESIS_HASH: GENESIS.mainnet };
  expect(() => parseSolanaSettings(mainnet)).toThrow("nobody has audited");
  expect(parseSolanaSettings({ ...mainnet, SOLANA_ALLOW_MAINNET: "true" })?.client.allow_mainnet).toBe(true);
});

it.each<[keyof SolanaEnv, string]>([
  ["SOLANA_RPC_URLS", "ftp://one.example/?key=secret"],
  ["SOLANA_GENESIS_HASH", ""],
  ["SOLANA_PROGRAM", "not base58: 0OIl"],
  ["SOLANA_MINT", ""],
  ["SOLANA_ALLOW_MAINNET", "yes"],
  ["SOLANA_UNIT_PRICE", "1.5"],
  ["AGGREGATOR_PRIVATE_KEY", ""],
])("says that %s cannot be used, without its value", (name, value) => {
  const parse = () => parseSolanaSettings({ ...ENV, [name]: value });
  expect(parse).toThrow(name);
  expect(parse).not.toThrow("secret");
});
