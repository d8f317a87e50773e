import { join } from "node:path";
import { type Address, renderAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import { type JobId, publicKeyOf } from "@infernet/schemas/ids";
import type { ChainProcess } from "../chain/chain-process.ts";
import { bond } from "../chain/escrow.ts";
import { depositForJobs, startSettlementChain } from "../chain/settlement-chain.ts";
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
  const settlement = await startSettlementChain();
  const { chain, escrows, aggregator, environment } = settlement;
  cleanup.add(chain.process.kill);
  const launch = async (port?: number): Promise<EdgeProcess> => {
    const started = await startEdge({
      state: join(folder.path, "edge"),
      environment: {
        HOLD_MS: "0",
        PRICE_MICRO_PER_JOB: "20000",
        ...environment,
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
  const buyer = await createWallet(chain, DEPOSIT);
  const escrow = await depositForJobs(settlement, client, { client: buyer, amount: DEPOSIT, min_bond: BOND });
  return {
    chain,
    escrows,
    escrow: escrow.address,
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
