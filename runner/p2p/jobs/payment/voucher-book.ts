import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MicroAmount } from "@infernet/schemas/money";
import { DirectId } from "@infernet/schemas/peer/direct-offer";
import { SolanaAddress } from "@infernet/schemas/solana";
import { z } from "zod";
import { RunnerError } from "../../../runner-error.ts";
import { writeJson } from "../../../write-json.ts";

/** Jobs whose own files may still be there: more than a client's offers that are remembered at once. */
const COUNTED_MAX = 1_024;

/** What one escrow owes this provider. */
const Owed = z.strictObject({
  escrow: SolanaAddress,
  opened_slot: MicroAmount,
  /** Prices of all jobs that were done on it, and what was released before the first of them. */
  promised_micro: MicroAmount,
  /** The highest that its client has signed: what can be redeemed. */
  voucher: z.string(),
  limit_micro: MicroAmount,
  /** Jobs that were counted last, oldest first. */
  counted: z.array(DirectId),
});
export type Owed = z.infer<typeof Owed>;

/** A job to be counted. */
export interface VoucherEntry {
  id: DirectId;
  escrow: SolanaAddress;
  opened_slot: bigint;
  price: bigint;
  limit: bigint;
  voucher: string;
  /** Released from the escrow before its first job here. */
  paid_before: bigint;
}

/** Vouchers that this provider can redeem, one file for each escrow: what they say is money. */
export class VoucherBook {
  readonly #dir: string;
  readonly #owed: Map<string, Owed>;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, owed: Map<string, Owed>) {
    this.#dir = dir;
    this.#owed = owed;
  }

  /** Throws RunnerError `home_unusable` when a file cannot be read: nobody should go on as if it were not there. */
  static async open(dir: string): Promise<VoucherBook> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const owed = new Map<string, Owed>();
    for (const name of await readdir(dir)) {
      if (!name.endsWith(".json")) continue;
      const one = await readOwed(join(dir, name));
      owed.set(nameOf(one.escrow, BigInt(one.opened_slot)), one);
    }
    return new VoucherBook(dir, owed);
  }

  get all(): Owed[] {
    return [...this.#owed.values()];
  }

  find(escrow: SolanaAddress, opened_slot: bigint): Owed | null {
    return this.#owed.get(nameOf(escrow, opened_slot)) ?? null;
  }

  /** Counts a job, once. On disk when it resolves. */
  count(entry: VoucherEntry): Promise<void> {
    const counted = this.#turn.then(() => this.#count(entry));
    this.#turn = counted.catch(() => undefined);
    return counted;
  }

  async #count({ id, escrow, opened_slot, price, limit, voucher, paid_before }: VoucherEntry): Promise<void> {
    const name = nameOf(escrow, opened_slot);
    const before = this.#owed.get(name);
    if (before?.counted.includes(id)) return;
    const isHigher = before === undefined || limit > BigInt(before.limit_micro);
    const owed: Owed = {
      escrow,
      opened_slot: opened_slot.toString(),
      promised_micro: (BigInt(before?.promised_micro ?? paid_before) + price).toString(),
      voucher: isHigher ? voucher : before.voucher,
      limit_micro: isHigher ? limit.toString() : before.limit_micro,
      counted: [...(before?.counted ?? []), id].slice(-COUNTED_MAX),
    };
    await writeJson(join(this.#dir, `${name}.json`), owed);
    this.#owed.set(name, owed);
  }
}

const nameOf = (escrow: SolanaAddress, opened_slot: bigint): string => `${escrow}-${opened_slot}`;

async function readOwed(path: string): Promise<Owed> {
  try {
    return Owed.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new RunnerError("home_unusable", `the vouchers in ${path} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
