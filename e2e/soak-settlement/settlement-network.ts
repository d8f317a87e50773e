import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Address, renderAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { EscrowRegistration } from "@infernet/schemas/escrow";
import { type JobId, publicKeyOf } from "@infernet/schemas/ids";
import { type ChainProcess, startChain } from "../chain/chain-process.ts";
import { bond, openEscrow, openEscrowClient } from "../chain/escrow.ts";
import { createWallet, fundWallet } from "../chain/wallet.ts";
import { uploadTinyModel } from "../live/tiny-job.ts";
import { createApiKey } from "../network/account.ts";
import { ApiClient } from "../network/api-client.ts";
import type { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { createHandRunner, type HandRunner } from "../network/hand-runner.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const MACHINES = 5;
const DEPOSIT = 20_000_000n;
const BOND = 1_000_000n;
const FEE_BPS = 100;

/** A chain, an edge that is killed, machines that are worked by hand, and an escrow that pays them. */
export interface SettlementNetwork {
  chain: ChainProcess;
  escrows: EscrowClient;
  escrow: Address;
  aggregator: Signer;
  client: ApiClient;
  machines: { runner: HandRunner; wallet: Address }[];
  /** Jobs that were accepted. */
  jobs: JobId[];
  /** SIGKILL, and another start on what is left on disk. */
  killEdge: () => Promise<void>;
}

export async function startSettlementNetwork(cleanup: Cleanup): Promise<SettlementNetwork> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const chain = await startChain();
  cleanup.add(chain.process.kill);
  const escrows = openEscrowClient(chain);
  const seed = randomBytes(32);
  const aggregator = await createSeedSigner(seed);
  await fundWallet(chain, aggregator.address, 0n);
  const launch = async (port?: number): Promise<EdgeProcess> => {
    const started = await startEdge({
      state: join(folder.path, "edge"),
      environment: {
        HOLD_MS: "0",
        PRICE_MICRO_PER_JOB: "20000",
        SOLANA_RPC_URLS: chain.url,
        SOLANA_GENESIS_HASH: chain.genesis_hash,
        SOLANA_PROGRAM: chain.program,
        SOLANA_MINT: chain.mint,
        AGGREGATOR_PRIVATE_KEY: seed.toString("base64"),
      },
      ...(port === undefined ? {} : { port }),
    });
    cleanup.add(started.program.kill);
    return started;
  };
  let edge = await launch();
  const { api_key } = await createApiKey(edge, "settlement", "0");
  const client = new ApiClient(edge.url, api_key);
  await uploadTinyModel(client);
  const machines = await Promise.all(
    Array.from({ length: MACHINES }, () => addMachine(chain, escrows, edge.url)),
  );
  const escrow = await deposit(chain, escrows, aggregator, client);
  return {
    chain,
    escrows,
    escrow,
    aggregator,
    client,
    machines,
    jobs: [],
    killEdge: async () => {
      await edge.program.kill();
      edge = await launch(edge.port);
    },
  };
}

async function addMachine(chain: ChainProcess, escrows: EscrowClient, edgeUrl: string) {
  const runner = await createHandRunner(edgeUrl);
  const wallet = renderAddress(publicKeyOf(runner.id));
  const { identity } = runner.committer;
  const provider: Signer = { address: wallet, sign: async (message) => identity.sign(message) };
  await fundWallet(chain, wallet, BOND);
  await bond(escrows, chain, { provider, amount: BOND, payout: wallet });
  return { runner, wallet };
}

async function deposit(
  chain: ChainProcess,
  escrows: EscrowClient,
  aggregator: Signer,
  api: ApiClient,
): Promise<Address> {
  const { escrow, voucher } = await openEscrow(escrows, chain, {
    client: await createWallet(chain, DEPOSIT),
    aggregator: aggregator.address,
    amount: DEPOSIT,
    min_bond: BOND,
    fee_bps: FEE_BPS,
  });
  const registration = EscrowRegistration.parse({ escrow, voucher });
  const { status, body } = await api.send("POST", "/account/escrows", registration);
  if (status !== 200) throw new Error(`POST /account/escrows answered ${status}: ${JSON.stringify(body)}`);
  return escrow;
}
