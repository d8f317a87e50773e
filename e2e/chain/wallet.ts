import { randomBytes } from "node:crypto";
import { parseAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import { z } from "zod";
import { until } from "../network/until.ts";
import type { ChainProcess } from "./chain-process.ts";

const LAMPORTS = 1_000_000_000;

/** A new wallet with one SOL for fees, and with tokens. @param seed 32 bytes; left out, random ones */
export async function createWallet(
  chain: ChainProcess,
  tokens: bigint,
  seed: Uint8Array = randomBytes(32),
): Promise<Signer> {
  const signer = await createSeedSigner(seed);
  await fundWallet(chain, signer.address, tokens);
  return signer;
}

/** Gives a wallet one SOL, and tokens in its associated token account, which is made if there is none. */
export async function fundWallet(chain: ChainProcess, owner: string, tokens: bigint): Promise<void> {
  await chain.call("requestAirdrop", [owner, LAMPORTS]);
  const given = await chain.call("devchain_mint", [{ mint: chain.mint, owner, amount: tokens.toString() }]);
  const { signature } = Minted.parse(given);
  await until(`${owner}'s tokens`, async () => {
    const { value } = Statuses.parse(await chain.call("getSignatureStatuses", [[signature]]));
    return value[0]?.confirmationStatus === "finalized" ? true : null;
  });
}

const Minted = z.object({ signature: z.string() });
const Statuses = z.object({ value: z.array(z.object({ confirmationStatus: z.string() }).nullable()) });

/** What lies in an owner's associated token account, in base units, as the chain has it finalized. */
export async function readTokens(
  client: EscrowClient,
  { mint }: Pick<ChainProcess, "mint">,
  owner: string,
): Promise<bigint> {
  const [account] = await client.readTokenAccounts([deriveTokenAccount(parseAddress(owner), mint)]);
  return account?.state === "ready" ? account.amount : 0n;
}
