import { Connection, Keypair, LAMPORTS_PER_SOL } from "@solana/web3.js";
import { afterAll } from "vitest";
import { type Devchain, type DevchainOptions, startDevchain } from "../start-devchain.ts";

export interface TestChain {
  chain: Devchain;
  connection: Connection;
  /** A new key with 10 SOL that are final. */
  wallet: () => Promise<Keypair>;
}

/** Short slots for short tests. */
export const SLOT_MS = 40;

/** A chain and web3.js talking to it, for the tests of one file. */
export async function openChain(options: DevchainOptions = {}): Promise<TestChain> {
  const chain = await startDevchain({ slot_ms: SLOT_MS, ...options });
  afterAll(() => chain.close());
  const connection = new Connection(chain.url, {
    commitment: "confirmed",
    wsEndpoint: chain.wsUrl,
    disableRetryOnRateLimit: true,
  });
  const wallet = async () => {
    const keypair = Keypair.generate();
    await chain.airdrop(keypair.publicKey.toBase58(), 10n * BigInt(LAMPORTS_PER_SOL));
    chain.warp(1);
    return keypair;
  };
  return { chain, connection, wallet };
}
