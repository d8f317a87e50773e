import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, addressBytes, parseAddress } from "@infernet/escrow/client/address";
import type { EscrowReader } from "@infernet/escrow/client/escrow-reader";
import { renderVoucher, signVoucher } from "@infernet/escrow/client/voucher";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { MicroAmount } from "@infernet/schemas/money";
import { DirectId } from "@infernet/schemas/peer/direct-offer";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { z } from "zod";
import type { Identity } from "../../../identity/identity.ts";
import { RunnerError } from "../../../runner-error.ts";
import { writeJson } from "../../../write-json.ts";
import { PeerFault } from "../../stream/peer-fault.ts";
import type { DirectPayer } from "../direct-payer.ts";
import { solanaSigner } from "./solana-signer.ts";

export interface EscrowPayerOptions {
  reader: Pick<EscrowReader, "readEscrow">;
  escrow: SolanaAddress;
  /** Whose key opened the escrow. */
  identity: Identity;
  /** Folder of what was promised. */
  dir: string;
}

/** What this client has promised on one escrow. */
const Promised = z.strictObject({
  /** Prices of jobs that came back, and what was released before the first of them. */
  spent_micro: MicroAmount,
  /** Jobs whose vouchers are out and whose results are not here. */
  pending: z.array(
    z.strictObject({ id: DirectId, price_micro: MicroAmount, limit_micro: MicroAmount, voucher: z.string() }),
  ),
});
type Promised = z.infer<typeof Promised>;

export interface EscrowPayer extends DirectPayer {
  /** The one who can be paid from the escrow, by what stands on the chain. */
  readonly provider: RunnerId;
}

/**
 * Pays jobs from an escrow of this client's own. No voucher is signed for more than the prices of this client's jobs come to, by its
 * own count. Throws `EscrowError`, and RunnerError `home_unusable` when its count cannot be read.
 */
export async function openEscrowPayer(options: EscrowPayerOptions): Promise<EscrowPayer> {
  const { reader, escrow, identity, dir } = options;
  const address: Address = parseAddress(escrow);
  const { aggregator, opened_slot, paid } = await reader.readEscrow(address);
  const path = join(dir, `${escrow}-${opened_slot}.json`);
  let promised = (await readPromised(path)) ?? { spent_micro: paid.toString(), pending: [] };
  let turn: Promise<unknown> = Promise.resolve();

  /** One change after the other, each on disk before the next. */
  const change = <T>(decide: (now: Promised) => Promise<{ next: Promised; value: T }>): Promise<T> => {
    const made = turn.then(async () => {
      const { next, value } = await decide(promised);
      if (next !== promised) await writeJson(path, next);
      promised = next;
      return value;
    });
    turn = made.catch(() => undefined);
    return made;
  };

  return {
    provider: formatRunnerId(addressBytes(aggregator)),
    terms: { kind: "voucher", escrow },
    pay: (id, price, limit_min) =>
      change(async (now) => {
        const before = now.pending.find((one) => one.id === id);
        if (before !== undefined && BigInt(before.limit_micro) >= limit_min)
          return { next: now, value: before.voucher };
        const others = now.pending.filter((one) => one.id !== id);
        const most = sumOf(now.spent_micro, ...others.map(({ price_micro }) => price_micro)) + price;
        if (limit_min > most)
          throw new PeerFault(
            "wrong",
            `the provider asks for a voucher of ${limit_min}; with this job ${most} are promised on ${escrow}`,
          );
        const limit = limit_min;
        const voucher = renderVoucher(
          await signVoucher(solanaSigner(identity), { escrow: address, opened_slot, limit }),
        );
        const job = { id, price_micro: price.toString(), limit_micro: limit.toString(), voucher };
        return { next: { ...now, pending: [...others, job] }, value: voucher };
      }),
    done: (id) =>
      change(async (now) => {
        const job = now.pending.find((one) => one.id === id);
        if (job === undefined) return { next: now, value: undefined };
        const spent_micro = sumOf(now.spent_micro, job.price_micro).toString();
        return { next: { spent_micro, pending: now.pending.filter((one) => one !== job) }, value: undefined };
      }),
    cancel: (id) =>
      change(async (now) => ({
        next: { ...now, pending: now.pending.filter((one) => one.id !== id) },
        value: undefined,
      })),
  };
}

const sumOf = (...amounts: MicroAmount[]): bigint =>
  amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);

async function readPromised(path: string): Promise<Promised | null> {
  try {
    return Promised.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new RunnerError("home_unusable", `what was promised in ${path} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
