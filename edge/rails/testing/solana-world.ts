import { type Address, addressBytes, parseAddress } from "@infernet/escrow/client/address";
import { GENESIS } from "@infernet/escrow/client/cluster";
import { createEscrowClient } from "@infernet/escrow/client/create-escrow-client";
import { deriveEscrow } from "@infernet/escrow/client/derive-addresses";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { OpenTerms } from "@infernet/escrow/client/prepare/prepare-open";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { renderVoucher, signVoucher } from "@infernet/escrow/client/voucher";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { SolanaAddress } from "@infernet/schemas/solana";
import { base64 } from "@scure/base";
import { inject } from "vitest";
import type { TestDevchain } from "../../testing/devchain-context.ts";
import type { SolanaEnv } from "../solana-settings.ts";

/** A provider with a key on the chain. */
export interface TestProvider {
  id: RunnerId;
  key: Signer;
}

/** The tests' chain with a mint of this world's own, and an aggregator that has an account for its fees. */
export interface SolanaWorld {
  client: EscrowClient;
  env: Required<Omit<SolanaEnv, "SOLANA_ALLOW_MAINNET" | "SOLANA_UNIT_PRICE">>;
  mint: Address;
  aggregator: Signer;
  /** A signer with SOL, and with tokens of the mint. */
  person(tokens?: bigint): Promise<Signer>;
  /** A provider that has bonded, with a token account at its own address. @param bond 0: it has not */
  provider(bond: bigint): Promise<TestProvider>;
  /** An escrow that is final, and the client's voucher for a limit. */
  openEscrow(changes?: Partial<OpenTerms>): Promise<TestEscrow>;
  balance(owner: Address): Promise<bigint>;
  /** A call of the chain's own. */
  call(method: string, ...params: unknown[]): Promise<unknown>;
  /** Sends what `prepare` makes until it has landed: another test may warp the chain's time, so that it expires. */
  land(prepare: () => Promise<SignedTransaction>): Promise<void>;
}

export interface TestEscrow {
  address: SolanaAddress;
  client: Signer;
  voucher(limit: bigint, by?: Signer): Promise<string>;
}

export async function openSolanaWorld(): Promise<SolanaWorld> {
  const { url, program }: TestDevchain = inject("devchain");
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const aggregator = await createSeedSigner(seed);
  const call = (method: string, ...params: unknown[]) => callChain(url, method, params);
  const { mint: minted } = (await call("devchain_createMint", {})) as { mint: string };
  const mint = parseAddress(minted);
  const env = {
    SOLANA_RPC_URLS: url,
    SOLANA_GENESIS_HASH: GENESIS.devnet,
    SOLANA_PROGRAM: program,
    SOLANA_MINT: mint,
    AGGREGATOR_PRIVATE_KEY: base64.encode(seed),
  };
  const client = createEscrowClient({
    endpoints: [url],
    genesis_hash: parseAddress(GENESIS.devnet),
    program: parseAddress(program),
  });
  const land = async (prepare: () => Promise<SignedTransaction>): Promise<void> => {
    for (;;) {
      const outcome = await client.settle(await prepare(), { patience_ms: 15_000, step_ms: 20 });
      if (outcome.state === "landed") return;
      if (outcome.state !== "expired") throw new Error(`it has not landed: ${JSON.stringify(outcome)}`);
    }
  };
  const fund = async (owner: Address, tokens: bigint): Promise<void> => {
    await call("requestAirdrop", owner, 1_000_000_000);
    await call("devchain_mint", { mint, owner, amount: tokens.toString() });
  };
  await fund(aggregator.address, 0n);

  const person = async (tokens = 0n): Promise<Signer> => {
    const signer = await createSeedSigner(crypto.getRandomValues(new Uint8Array(32)));
    await fund(signer.address, tokens);
    return signer;
  };
  const provider = async (bond: bigint): Promise<TestProvider> => {
    const key = await person(bond);
    if (bond > 0n)
      await land(() =>
        client.prepareBondDeposit(
          { provider: key, mint, amount: bond, payout: key.address },
          { fee_payer: key },
        ),
      );
    return { id: formatRunnerId(addressBytes(key.address)), key };
  };
  const openEscrow = async (changes: Partial<OpenTerms> = {}): Promise<TestEscrow> => {
    const owner = changes.client ?? (await person(10_000_000n));
    const id = crypto.getRandomValues(new Uint8Array(32));
    const terms: OpenTerms = {
      client: owner,
      mint,
      aggregator: aggregator.address,
      id,
      fee_bps: 200,
      payees: { kind: "bonded", min_bond: 1_000n },
      deadline: BigInt(Math.floor(Date.now() / 1_000) + 80 * 86_400),
      amount: 10_000_000n,
      ...changes,
    };
    await land(() => client.prepareOpen(terms, { fee_payer: owner }));
    const address = deriveEscrow(client.program, owner.address, id).address;
    const { opened_slot } = await client.readEscrow(address);
    return {
      address: SolanaAddress.parse(address),
      client: owner,
      voucher: async (limit, by = owner) =>
        renderVoucher(await signVoucher(by, { escrow: address, opened_slot, limit })),
    };
  };
  const balance = async (owner: Address): Promise<bigint> => {
    const [account] = await client.readTokenAccounts([deriveTokenAccount(owner, mint)]);
    return account?.state === "ready" || account?.state === "frozen" ? account.amount : 0n;
  };
  return { client, env, mint, aggregator, person, provider, openEscrow, balance, call, land };
}

async function callChain(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = await response.json<{ result?: unknown; error?: { message: string } }>();
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}
