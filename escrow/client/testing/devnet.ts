import { readFile } from "node:fs/promises";
import { Connection, type TransactionInstruction } from "@solana/web3.js";
import { type Devchain, type DevchainOptions, startDevchain } from "../../devchain/start-devchain.ts";
import { type Address, parseAddress } from "../address.ts";
import { GENESIS } from "../cluster.ts";
import { createEscrowClient } from "../create-escrow-client.ts";
import type { EscrowClient } from "../escrow-client.ts";
import type { EscrowSettings } from "../escrow-settings.ts";
import type { Signer } from "../signer.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { signTransaction } from "../transaction/sign-transaction.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { plainAddress, seedSigner } from "./seeds.ts";

const PROGRAM = plainAddress(0xee);

/** A chain with the real program, a mint, and people with money; and a client of it. */
export interface TestChain {
  chain: Devchain;
  client: EscrowClient;
  program: Address;
  mint: Address;
  /** A signer with SOL, and with tokens of the mint. */
  person(seed: number, tokens?: bigint): Promise<Signer>;
  /** Base units in an owner's associated token account; 0 when there is none. */
  balance(owner: Address): Promise<bigint>;
  /** The chain's time, in Unix seconds, so many from now. */
  inSeconds(seconds: number): bigint;
  /** Any instructions as a transaction of one signer, with a blockhash of now. */
  sign(instructions: readonly TransactionInstruction[], signer: Signer): Promise<SignedTransaction>;
  settings: EscrowSettings;
}

export async function startTestChain(options: DevchainOptions = {}): Promise<TestChain> {
  const elf = new Uint8Array(await readFile(new URL("../../solana/escrow.so", import.meta.url)));
  const chain = await startDevchain({ slot_ms: 20, ...options, programs: [{ id: PROGRAM, elf }] });
  const mint = parseAddress(await chain.createMint());
  const settings: EscrowSettings = {
    endpoints: [chain.url],
    genesis_hash: parseAddress(GENESIS.devnet),
    program: PROGRAM,
  };
  const client = createEscrowClient(settings);
  return {
    chain,
    client,
    program: PROGRAM,
    mint,
    settings,
    person: async (seed, tokens = 0n) => {
      const signer = await seedSigner(seed);
      await chain.airdrop(signer.address, 1_000_000_000n);
      await chain.mint(mint, signer.address, tokens);
      return signer;
    },
    balance: async (owner) => {
      const [account] = await client.readTokenAccounts([deriveTokenAccount(owner, mint)]);
      return account?.state === "ready" ? account.amount : 0n;
    },
    sign: async (instructions, fee_payer) => {
      const latest = await new Connection(chain.url).getLatestBlockhash();
      return signTransaction({
        instructions,
        fee_payer,
        signers: [],
        blockhash: latest.blockhash,
        last_valid_block_height: latest.lastValidBlockHeight,
      });
    },
    inSeconds: (seconds) => BigInt(Math.floor(Date.now() / 1_000) + seconds),
  };
}
