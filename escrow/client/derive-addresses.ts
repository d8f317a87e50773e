import { PublicKey } from "@solana/web3.js";
import { bondSeeds, escrowSeeds } from "../solana/layout.ts";
import { type Address, addressBytes, addressOf, publicKeyOf } from "./address.ts";
import { assertLength } from "./assert-length.ts";

/** An account of the program's own, and the bump that moves it off the curve. */
export interface DerivedAddress {
  address: Address;
  bump: number;
}

/** @param id 32 bytes of the client's choice; a number that the client never uses twice */
export function deriveEscrow(program: Address, client: Address, id: Uint8Array): DerivedAddress {
  assertLength(id, 32, "the escrow's id");
  return derive(program, escrowSeeds(addressBytes(client), id));
}

export const deriveBond = (program: Address, provider: Address, mint: Address): DerivedAddress =>
  derive(program, bondSeeds(addressBytes(provider), addressBytes(mint)));

function derive(program: Address, seeds: Uint8Array[]): DerivedAddress {
  const [key, bump] = PublicKey.findProgramAddressSync(seeds, publicKeyOf(program));
  return { address: addressOf(key), bump };
}
