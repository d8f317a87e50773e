import { fileURLToPath } from "node:url";
import { type Address, parseAddress, renderAddress } from "@infernet/escrow/client/address";
import { GENESIS } from "@infernet/escrow/client/cluster";
import { z } from "zod";
import { type Program, startProgram } from "../network/program.ts";

/** A development chain as a process of its own, with the escrow program and a mint that stands for USDC. */
export interface ChainProcess {
  url: string;
  program: Address;
  mint: Address;
  genesis_hash: Address;
  process: Program;
  /** A method of the chain, its own `devchain_` methods too. */
  call: (method: string, params: readonly unknown[]) => Promise<unknown>;
}

const DEVCHAIN = fileURLToPath(import.meta.resolve("@infernet/escrow/devchain/main"));
const PROGRAM_FILE = fileURLToPath(new URL("../../escrow/solana/escrow.so", import.meta.url));
/** Where the program lies on this chain; on a cluster it is where it was deployed. */
const PROGRAM = renderAddress(new Uint8Array(32).fill(0xee));

const Listening = z.object({ url: z.url() });
const Minted = z.object({ mint: z.string() });
const Reply = z.object({
  result: z.unknown(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

export async function startChain(): Promise<ChainProcess> {
  const program = startProgram({
    name: "chain",
    file: DEVCHAIN,
    args: ["--json", "--port", "0", "--program", `${PROGRAM}=${PROGRAM_FILE}`],
  });
  const { url } = Listening.parse(await program.waitFor("listening"));
  const call = (method: string, params: readonly unknown[]) => callChain(url, method, params);
  const { mint } = Minted.parse(await call("devchain_createMint", [{ decimals: 6 }]));
  return {
    url,
    program: PROGRAM,
    mint: parseAddress(mint),
    genesis_hash: parseAddress(GENESIS.devnet),
    process: program,
    call,
  };
}

async function callChain(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = Reply.parse(await answer.json());
  if (error) throw new Error(`${method}: ${error.message} (${error.code})`);
  return result;
}
