import type { Address } from "./address.ts";
import { deriveBond } from "./derive-addresses.ts";
import {
  type Bond,
  type Escrow,
  readBondAccount,
  readEscrowAccount,
  readTokenAccount,
} from "./escrow-accounts.ts";
import { EscrowError } from "./escrow-error.ts";
import type { EndpointPool } from "./rpc/endpoint-pool.ts";
import {
  ACCOUNTS_PER_READ_MAX,
  type AccountsRead,
  readAccounts,
  readAccountsTwice,
} from "./rpc/read-accounts.ts";
import { deriveTokenAccount, type TokenAccount } from "./token-account.ts";

/** An escrow and what lies in its vault, both as they were at one slot that can no longer be given up. */
export interface Deposit {
  escrow: Escrow;
  /** Base units in the vault. */
  balance: bigint;
  /** Base units that have ever come in: what is there and what was released. */
  deposited: bigint;
  slot: number;
}

/** A token account that is to be paid: `ready` says whether a transfer to it would succeed. */
export type TokenAccountRead =
  | { address: Address; state: "missing" | "invalid" }
  | ({ address: Address; state: "ready" | "frozen" } & Pick<TokenAccount, "mint" | "owner" | "amount">);

/** What can be read of the program's accounts, always at "finalized". */
export interface EscrowReader {
  readEscrow(address: Address): Promise<Escrow>;
  readDeposit(address: Address): Promise<Deposit>;
  readBond(provider: Address, mint: Address): Promise<Bond>;
  readBonds(providers: readonly Address[], mint: Address): Promise<Bond[]>;
  readTokenAccounts(addresses: readonly Address[]): Promise<TokenAccountRead[]>;
}

export interface EscrowReaderOptions {
  pool: EndpointPool;
  program: Address;
  cross_check: boolean;
  sleep(ms: number): Promise<void>;
}

export function createEscrowReader({ pool, program, cross_check, sleep }: EscrowReaderOptions): EscrowReader {
  const read = (addresses: readonly Address[]): Promise<AccountsRead> =>
    cross_check ? readAccountsTwice(pool, addresses, sleep) : readAccounts(pool, addresses);

  async function readEscrow(address: Address): Promise<Escrow> {
    const { accounts } = await read([address]);
    return readEscrowAccount(address, accounts[0] ?? null, program);
  }

  async function readBonds(providers: readonly Address[], mint: Address): Promise<Bond[]> {
    const addresses = providers.map((provider) => deriveBond(program, provider, mint).address);
    const { accounts } = await read(addresses);
    return addresses.map((address, i) => readBondAccount(address, accounts[i] ?? null, program));
  }

  return {
    readEscrow,
    readBonds,
    readBond: async (provider, mint) => {
      for (const bond of await readBonds([provider], mint)) return bond;
      throw new EscrowError("account_missing", `${provider} has no bond`);
    },
    readDeposit: async (address) => {
      const { mint } = await readEscrow(address);
      const vault = deriveTokenAccount(address, mint);
      const { accounts, slot } = await read([address, vault]);
      const escrow = readEscrowAccount(address, accounts[0] ?? null, program);
      const balance = readTokenAccount(vault, accounts[1] ?? null).amount;
      return { escrow, balance, deposited: balance + escrow.paid, slot };
    },
    readTokenAccounts: async (addresses) => {
      const reads: TokenAccountRead[] = [];
      for (let start = 0; start < addresses.length; start += ACCOUNTS_PER_READ_MAX) {
        const batch = addresses.slice(start, start + ACCOUNTS_PER_READ_MAX);
        const { accounts } = await read(batch);
        reads.push(...batch.map((address, i) => judge(address, accounts[i] ?? null)));
      }
      return reads;
    },
  };
}

function judge(address: Address, account: AccountsRead["accounts"][number]): TokenAccountRead {
  if (account === null) return { address, state: "missing" };
  try {
    const { isFrozen, ...rest } = readTokenAccount(address, account);
    return { address, state: isFrozen ? "frozen" : "ready", ...rest };
  } catch (error) {
    if (error instanceof EscrowError) return { address, state: "invalid" };
    throw error;
  }
}
