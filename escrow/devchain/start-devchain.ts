import { once } from "node:events";
import { createServer } from "node:http";
import { type Address, address, generateKeyPairSigner } from "@solana/kit";
import { LiteSVM } from "litesvm";
import { blockhashSlots } from "./chain/blockhash-window.ts";
import { Chain } from "./chain/chain.ts";
import { ChainClock } from "./chain/chain-clock.ts";
import type { CommitmentLags } from "./chain/commitment.ts";
import { Faucet } from "./chain/faucet.ts";
import { createMint, type Minted, type MintOptions, mintTo, setFrozen } from "./chain/test-mint.ts";
import { Faults } from "./faults/faults.ts";
import { type FaultChoices, parseFaultPlan } from "./faults/parse-fault-plan.ts";
import { createHttpHandler } from "./rpc/http-handler.ts";
import type { MethodContext } from "./rpc/method.ts";
import { parseBase58 } from "./rpc/params.ts";
import type { Trace } from "./rpc/trace.ts";
import { serveSockets } from "./subscriptions/socket-server.ts";

export interface DevchainOptions {
  /** 0 takes a free one. */
  port?: number;
  slot_ms?: number;
  lags?: CommitmentLags;
  /** Slots for which a blockhash is valid; else a minute, and 150 slots at least. */
  blockhash_slots?: number;
  programs?: readonly { id: string; elf: Uint8Array }[];
  faults?: FaultChoices;
  genesis_hash?: string;
  trace?: Trace;
}

export interface Devchain {
  url: string;
  wsUrl: string;
  /** Who gives airdrops, and is the authority of the test mints. */
  faucet: Address;
  /** Moves the time forward, and the slots with it. @returns the slot after it */
  warp: (seconds: number) => number;
  /** @returns the signature of the transfer, which is processed */
  airdrop: (to: string, lamports: bigint) => Promise<string>;
  createMint: (options?: MintOptions) => Promise<Address>;
  /** Mints tokens, in base units, to an owner's associated token account, which is made when it is not there. */
  mint: (mint: string, owner: string, amount: bigint) => Promise<Minted>;
  /** @returns the signature */
  setFrozen: (mint: string, account: string, frozen: boolean) => Promise<string>;
  /** Takes the place of the plan before; what is not named is off. */
  setFaults: (faults: FaultChoices) => void;
  /** Also ends the WebSockets, so that web3.js does not look for the chain ever after, unless it has subscriptions left. */
  close: () => Promise<void>;
}

export const DEFAULT_SLOT_MS = 100;
export const DEFAULT_LAGS: CommitmentLags = { confirmed: 1, finalized: 2 };
/** Devnet's: payment protocols that accept known clusters alone take this chain for it. */
export const DEVNET_GENESIS_HASH = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

/** Starts a chain that lives in this process, and is reached over loopback alone. */
export async function startDevchain(options: DevchainOptions = {}): Promise<Devchain> {
  const { slot_ms = DEFAULT_SLOT_MS, trace = () => undefined } = options;
  const context = await createContext(slot_ms, options);
  const { chain, faucet, faults } = context;

  const handle = createHttpHandler(context, trace);
  const server = createServer((request, response) => {
    // Whatever breaks here is a connection that broke.
    handle(request, response).catch(() => response.destroy());
  });
  const closeSockets = serveSockets(server, context, trace);
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the devchain has no port");
  const ticking = setInterval(() => chain.advance(), slot_ms);

  return {
    url: `http://127.0.0.1:${bound.port}`,
    wsUrl: `ws://127.0.0.1:${bound.port}`,
    faucet: faucet.signer.address,
    warp: (seconds) => {
      chain.clock.warp(seconds);
      chain.advance();
      return chain.slot;
    },
    airdrop: async (to, lamports) => (await faucet.airdrop(address(to), lamports)).wire.signature,
    createMint: (mint) => createMint(chain, faucet, mint),
    mint: (mint, owner, amount) => mintTo(faucet, address(mint), address(owner), amount),
    setFrozen: (mint, account, frozen) => setFrozen(faucet, address(mint), address(account), frozen),
    setFaults: (choices) => faults.set(parseFaultPlan(choices)),
    close: async () => {
      clearInterval(ticking);
      await closeSockets();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function createContext(slot_ms: number, options: DevchainOptions): Promise<MethodContext> {
  // LiteSVM would know one blockhash and the last few transactions; the chain keeps both itself.
  const svm = new LiteSVM().withBlockhashCheck(false).withTransactionHistory(0n);
  for (const program of options.programs ?? []) loadProgram(svm, program);
  const clock = new ChainClock({
    slot_ms,
    first_slot: Number(svm.getClock().slot),
    monotonic_ms: () => performance.now(),
    wall_ms: () => Date.now(),
  });
  const faults = new Faults();
  faults.set(parseFaultPlan(options.faults ?? {}));
  const { lags = DEFAULT_LAGS, blockhash_slots = blockhashSlots(slot_ms) } = options;
  const chain = new Chain({ svm, clock, lags, blockhash_slots, faults });
  return {
    chain,
    faults,
    faucet: new Faucet(chain, await generateKeyPairSigner()),
    genesis_hash: parseBase58(options.genesis_hash ?? DEVNET_GENESIS_HASH, "the genesis hash", 32),
  };
}

function loadProgram(svm: LiteSVM, { id, elf }: { id: string; elf: Uint8Array }): void {
  try {
    svm.addProgram(address(id), elf);
  } catch (error) {
    throw new Error(
      `the program ${id} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
