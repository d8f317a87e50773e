import { type Address, generateKeyPairSigner, lamports } from "@solana/kit";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getFreezeAccountInstruction,
  getMintEncoder,
  getMintSize,
  getMintToInstruction,
  getThawAccountInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import type { Chain } from "./chain.ts";
import type { Faucet } from "./faucet.ts";

export interface MintOptions {
  /** Where the mint is to be: a well-known one can be stood in for. Else a new address. */
  mint?: Address;
  decimals?: number;
  /** Who mints and freezes; else the faucet, and only its mints can be minted from here. */
  authority?: Address;
}

/** Decimals of USDC. */
const MINT_DECIMALS = 6;

/**
 * Writes a mint into the chain without a transaction, so that no key is needed for its address.
 *
 * @throws Error when something is at the address already
 */
export async function createMint(chain: Chain, faucet: Faucet, options: MintOptions = {}): Promise<Address> {
  const { decimals = MINT_DECIMALS, authority = faucet.signer.address } = options;
  const address = options.mint ?? (await generateKeyPairSigner()).address;
  if (chain.svm.getAccount(address).exists) throw new Error(`there is an account at ${address} already`);
  const data = getMintEncoder().encode({
    mintAuthority: authority,
    supply: 0n,
    decimals,
    isInitialized: true,
    freezeAuthority: authority,
  });
  const space = BigInt(getMintSize());
  chain.svm.setAccount({
    address,
    lamports: lamports(chain.svm.minimumBalanceForRentExemption(space)),
    programAddress: TOKEN_PROGRAM_ADDRESS,
    data: Uint8Array.from(data),
    executable: false,
    space,
  });
  return address;
}

export interface Minted {
  /** The owner's associated token account; made when it was not there. */
  account: Address;
  signature: string;
}

/** @throws Error when the faucet is not the mint's authority */
export async function mintTo(faucet: Faucet, mint: Address, owner: Address, amount: bigint): Promise<Minted> {
  const account = await associatedAccount(mint, owner);
  const { wire } = await faucet.run([
    getCreateAssociatedTokenIdempotentInstruction({ payer: faucet.signer, ata: account, owner, mint }),
    getMintToInstruction({ mint, token: account, mintAuthority: faucet.signer, amount }),
  ]);
  return { account, signature: wire.signature };
}

/** Freezes or thaws a token account. @throws Error when the faucet is not the mint's authority */
export async function setFrozen(
  faucet: Faucet,
  mint: Address,
  account: Address,
  frozen: boolean,
): Promise<string> {
  const accounts = { account, mint, owner: faucet.signer };
  const instruction = frozen ? getFreezeAccountInstruction(accounts) : getThawAccountInstruction(accounts);
  const { wire } = await faucet.run([instruction]);
  return wire.signature;
}

async function associatedAccount(mint: Address, owner: Address): Promise<Address> {
  const [account] = await findAssociatedTokenPda({ mint, owner, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  return account;
}
