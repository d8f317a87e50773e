import { type Address, parseAddress } from "@infernet/escrow/client/address";
import { deriveEscrow } from "@infernet/escrow/client/derive-addresses";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import { type Bytes, canonicalBytes } from "@infernet/schemas/digest";
import { hashSha256 } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import type { SolanaSettings } from "../rails/solana-settings.ts";

/** An escrow of the operator's own, which takes the payments of buyers without one. */
export interface House {
  client: Signer;
  /** 32 bytes. */
  id: Bytes;
  escrow: Address;
  /** The escrow's associated token account: what is paid to the escrow's address lands here. */
  vault: Address;
  fee_bps: number;
  min_bond: bigint;
  deadline_ms: number;
}

/**
 * The house escrow of a time: each period has one, and one for each fee and coin. Everything about it follows from the
 * aggregator's seed and the period, so that whoever needs it names the same one, and the chain opens it once.
 */
export async function deriveHouse(
  { seed, mint, client: { program } }: Pick<SolanaSettings, "seed" | "mint" | "client">,
  fee_bps: number,
  now_ms: number,
): Promise<House> {
  const period = Math.floor(now_ms / LIMITS.x402_house_period_ms);
  const min_bond = BigInt(LIMITS.x402_bond_micro_min);
  const client = await createSeedSigner(await deriveSeed(seed, "x402 house"));
  const id = new Uint8Array(
    hashSha256(canonicalBytes(["infernet x402 house", mint, fee_bps, min_bond.toString(), period])),
  );
  const escrow = deriveEscrow(parseAddress(program), client.address, id).address;
  return {
    client,
    id,
    escrow,
    vault: deriveTokenAccount(escrow, mint),
    fee_bps,
    min_bond,
    deadline_ms: period * LIMITS.x402_house_period_ms + LIMITS.x402_house_term_ms,
  };
}

/** A seed for one purpose, derived from another (HKDF, RFC 5869). */
async function deriveSeed(seed: Bytes, purpose: string): Promise<Bytes> {
  const material = await crypto.subtle.importKey("raw", seed, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(`infernet ${purpose}`);
  const salt = new Uint8Array(32);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, material, 256),
  );
}
