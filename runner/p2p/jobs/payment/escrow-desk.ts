import { type Address, addressBytes, renderAddress } from "@infernet/escrow/client/address";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import type { Deposit, EscrowReader } from "@infernet/escrow/client/escrow-reader";
import { parseVoucher, type SignedVoucher, verifyVoucher } from "@infernet/escrow/client/voucher";
import { payeeRoot, payeeTree } from "@infernet/escrow/solana/layout";
import {
  assertEscrow,
  assertVoucher,
  type DirectEscrow,
  limitWanted,
} from "@infernet/protocol/peers/direct-voucher";
import { publicKeyOf, type RunnerId } from "@infernet/schemas/ids";
import type { DirectId } from "@infernet/schemas/peer/direct-offer";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { Reservation, TakenVoucher, VoucherDesk } from "../voucher-desk.ts";
import type { VoucherBook } from "./voucher-book.ts";

export interface EscrowDeskOptions {
  reader: Pick<EscrowReader, "readDeposit">;
  /** Whose own key the escrows must name as aggregator and as their one payee. */
  provider: RunnerId;
  mint: SolanaAddress;
  book: VoucherBook;
  now(): number;
}

interface Known extends DirectEscrow {
  address: SolanaAddress;
  client: Address;
}

/** Escrows that were read lately; more are read again. */
const KNOWN_MAX = 1_024;

/**
 * Takes vouchers on escrows of the escrow program. What an escrow can pay this provider only grows until its deadline, so it is
 * read once, and again when a voucher asks for more than had come in by then.
 */
export function createEscrowDesk({ reader, provider, mint, book, now }: EscrowDeskOptions): VoucherDesk {
  const own = renderAddress(publicKeyOf(provider));
  const ownRoot = renderAddress(payeeRoot(payeeTree([addressBytes(own)])));
  const known = new Map<SolanaAddress, Known>();
  /** Prices of accepted jobs that are not done, by escrow. */
  const reserved = new Map<SolanaAddress, bigint>();

  async function read(address: SolanaAddress): Promise<Known> {
    const escrow = factsOf(address, await asRefusal(() => reader.readDeposit(address as string as Address)));
    known.delete(address);
    known.set(address, escrow);
    const [oldest] = known.keys();
    if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
    return escrow;
  }

  function factsOf(address: SolanaAddress, { escrow, deposited }: Deposit): Known {
    const { payees, aggregator, client, opened_slot, deadline, paid } = escrow;
    const isForProviderAlone = payees.kind === "committed" && renderAddress(payees.root) === ownRoot;
    const plain = { aggregator, client, mint: escrow.mint, opened_slot, deadline, paid, deposited };
    return { address, isForProviderAlone, ...plain };
  }

  const promisedOn = ({ address, opened_slot }: Known): bigint =>
    BigInt(book.find(address, opened_slot)?.promised_micro ?? 0);

  async function reserve(id: DirectId, address: SolanaAddress, price: bigint): Promise<Reservation> {
    let escrow = known.get(address) ?? (await read(address));
    const wantedOf = (one: Known): bigint =>
      limitWanted(one.paid, promisedOn(one) + (reserved.get(address) ?? 0n), price);
    if (wantedOf(escrow) > escrow.deposited) escrow = await read(address);
    assertEscrow(escrow, { provider: own, mint, now_ms: now() });
    const wanted = wantedOf(escrow);
    if (wanted > escrow.deposited)
      throw new DirectRefused(
        "payment_invalid",
        `${wanted} would be promised by then; the escrow has had ${escrow.deposited} in all`,
      );
    reserved.set(address, (reserved.get(address) ?? 0n) + price);
    let isFree = false;
    return {
      limit_min: wanted.toString(),
      take: (text) => take(id, escrow, text, wanted, price),
      free: () => {
        if (isFree) return;
        isFree = true;
        const left = (reserved.get(address) ?? 0n) - price;
        if (left > 0n) reserved.set(address, left);
        else reserved.delete(address);
      },
    };
  }

  async function take(
    id: DirectId,
    escrow: Known,
    text: string | null,
    wanted: bigint,
    price: bigint,
  ): Promise<TakenVoucher> {
    if (text === null)
      throw new DirectRefused(
        "payment_invalid",
        `the job is paid by a voucher on ${escrow.address}; none came`,
      );
    const voucher = readVoucher(text);
    assertVoucher(escrow, voucher, wanted);
    if (!(await verifyVoucher(escrow.client, voucher)))
      throw new DirectRefused("payment_invalid", `${escrow.client} did not sign the voucher for the chain`);
    const { opened_slot, limit } = voucher;
    const entry = { id, escrow: escrow.address, opened_slot, price, limit, voucher: text };
    return {
      text,
      paid: {
        kind: "voucher",
        escrow: escrow.address,
        opened_slot: opened_slot.toString(),
        limit_micro: limit.toString(),
      },
      keep: () => book.count({ ...entry, paid_before: escrow.paid }),
    };
  }

  return {
    reserve,
    restore: async (id, text, price) => {
      const { escrow, opened_slot, limit } = readVoucher(text);
      const address = escrow as string as SolanaAddress;
      // The limit of its first voucher is all that was released before and the job's price.
      const paid_before = limit - price;
      await book.count({ id, escrow: address, opened_slot, price, limit, voucher: text, paid_before });
    },
  };
}

function readVoucher(text: string): SignedVoucher {
  try {
    return parseVoucher(text);
  } catch (error) {
    if (error instanceof EscrowError) throw new DirectRefused("payment_invalid", error.message);
    throw error;
  }
}

async function asRefusal<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof EscrowError)) throw error;
    const isOfChain = error.code === "account_missing" || error.code === "account_invalid";
    throw new DirectRefused(isOfChain ? "payment_invalid" : "chain_unavailable", error.message);
  }
}
