import { type Address, generateKeyPairSigner, lamports } from "@solana/kit";
import {
  AccountState,
  findAssociatedTokenPda,
  getMintDecoder,
  getMintEncoder,
  getTokenDecoder,
  getTokenEncoder,
  TOKEN_PROGRAM_ADDRESS,
} from "@solana-program/token";
import type { Chain } from "./chain.ts";

/** Writes a mint, as USDC has it: six decimals, and somebody who may freeze. */
export async function createMint(chain: Chain, authority: Address, owner: Address = TOKEN_PROGRAM_ADDRESS) {
  const { address } = await generateKeyPairSigner();
  const data = getMintEncoder().encode({
    mintAuthority: authority,
    supply: 0n,
    decimals: 6,
    isInitialized: true,
    freezeAuthority: authority,
  });
  writeAccount(chain, address, owner, data);
  return address;
}

interface TokenAccount {
  mint: Address;
  owner: Address;
  amount?: bigint;
  state?: AccountState;
  address?: Address;
}

/** Writes a token account, at its owner's associated address unless told otherwise, and counts it into the supply. */
export async function createToken(chain: Chain, token: TokenAccount): Promise<Address> {
  const { mint, owner, amount = 0n, state = AccountState.Initialized } = token;
  const [associated] = await findAssociatedTokenPda({ mint, owner, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  const address = token.address ?? associated;
  const data = getTokenEncoder().encode({
    mint,
    owner,
    amount,
    delegate: null,
    state,
    isNative: null,
    delegatedAmount: 0n,
    closeAuthority: null,
  });
  writeAccount(chain, address, TOKEN_PROGRAM_ADDRESS, data);
  changeSupply(chain, mint, amount);
  return address;
}

function changeSupply({ svm }: Chain, mint: Address, by: bigint): void {
  const account = svm.getAccount(mint);
  if (!account.exists || account.data.length !== 82) return;
  const state = getMintDecoder().decode(account.data);
  svm.setAccount({ ...account, data: getMintEncoder().encode({ ...state, supply: state.supply + by }) });
}

/** What a token account holds, or null where there is none. */
export function tokensAt({ svm }: Chain, address: Address): bigint | null {
  const account = svm.getAccount(address);
  return account.exists && account.data.length > 0 ? getTokenDecoder().decode(account.data).amount : null;
}

export function supplyOf({ svm }: Chain, mint: Address): bigint {
  const account = svm.getAccount(mint);
  return account.exists ? getMintDecoder().decode(account.data).supply : 0n;
}

/** Writes an account as no transaction could. */
export function writeAccount(
  { svm }: Chain,
  address: Address,
  programAddress: Address,
  data: Uint8Array | ReturnType<ReturnType<typeof getTokenEncoder>["encode"]>,
): void {
  const space = BigInt(data.length);
  svm.setAccount({
    address,
    programAddress,
    data: Uint8Array.from(data),
    executable: false,
    lamports: lamports(svm.minimumBalanceForRentExemption(space)),
    space,
  });
}
