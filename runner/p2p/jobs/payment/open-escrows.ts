import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { ChainSettings } from "../direct-settings.ts";

/** The escrow program's client. It loads @solana/web3.js: only who takes or pays by vouchers needs it. */
export async function openEscrows({
  endpoints,
  genesis_hash,
  program,
}: ChainSettings): Promise<EscrowClient> {
  const { createEscrowClient } = await import("@infernet/escrow/client/create-escrow-client");
  const { parseAddress } = await import("@infernet/escrow/client/address");
  return createEscrowClient({
    endpoints: [...endpoints],
    genesis_hash: parseAddress(genesis_hash),
    program: parseAddress(program),
  });
}
