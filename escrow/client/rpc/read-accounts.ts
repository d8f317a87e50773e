import type { AccountInfo, Commitment, Connection } from "@solana/web3.js";
import { type Address, addressOf, publicKeyOf } from "../address.ts";
import { EscrowError } from "../escrow-error.ts";
import type { EndpointPool } from "./endpoint-pool.ts";

export interface Account {
  /** The program that owns it. */
  owner: Address;
  data: Uint8Array;
}

/** What the accounts held at one slot, in the order asked for; null where there is none. */
export interface AccountsRead {
  slot: number;
  accounts: readonly (Account | null)[];
}

/** `getMultipleAccounts` takes so many. */
export const ACCOUNTS_PER_READ_MAX = 100;

/** At most a hundred accounts, all as they were at one slot. */
export const readAccounts = (
  pool: EndpointPool,
  addresses: readonly Address[],
  commitment: Commitment = "finalized",
): Promise<AccountsRead> => pool.ask((connection) => readFrom(connection, addresses, commitment));

/** How often two endpoints are compared before they are said to contradict each other, and the pause between. */
const COMPARISONS_MAX = 4;
const COMPARISON_PAUSE_MS = 500;

/**
 * The same from two endpoints at "finalized", which only one who lies or lags far behind can read differently for long: an
 * account that just changed is read alike a moment later. Throws rpc_contradicts.
 */
export async function readAccountsTwice(
  pool: EndpointPool,
  addresses: readonly Address[],
  sleep: (ms: number) => Promise<void>,
): Promise<AccountsRead> {
  for (let comparison = 1; ; comparison += 1) {
    const [one, other] = await pool.askTwo((connection) => readFrom(connection, addresses, "finalized"));
    const differs = addresses.filter((_, i) => !isSame(one.accounts[i] ?? null, other.accounts[i] ?? null));
    if (differs.length === 0) return one.slot < other.slot ? one : other;
    if (comparison === COMPARISONS_MAX)
      throw new EscrowError(
        "rpc_contradicts",
        `two endpoints hold ${differs.join(", ")} differently, at slots ${one.slot} and ${other.slot}`,
      );
    await sleep(COMPARISON_PAUSE_MS);
  }
}

async function readFrom(
  connection: Connection,
  addresses: readonly Address[],
  commitment: Commitment,
): Promise<AccountsRead> {
  const keys = addresses.map(publicKeyOf);
  const { context, value } = await connection.getMultipleAccountsInfoAndContext(keys, { commitment });
  return { slot: context.slot, accounts: value.map(readAccount) };
}

const readAccount = (info: AccountInfo<Buffer> | null): Account | null =>
  info === null ? null : { owner: addressOf(info.owner), data: new Uint8Array(info.data) };

function isSame(one: Account | null, other: Account | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.owner === other.owner &&
    one.data.length === other.data.length &&
    one.data.every((byte, i) => byte === other.data[i])
  );
}
