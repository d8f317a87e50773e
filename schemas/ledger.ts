import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** Largest amount, and largest sum of an account, that SQLite and JavaScript both hold exactly: 2^53 - 1. */
export const LEDGER_AMOUNT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * What an amount counts: `credit`, or a coin and the chain it is on. Coins of two chains are two units, whatever they are
 * called, and units are never added up or exchanged without two transfers that say so.
 */
export const Unit = z
  .string()
  .max(LIMITS.ledger_unit_chars_max)
  .regex(/^[a-z0-9]+(:[a-z0-9-]+)*$/, "is not a unit")
  .brand<"Unit">()
  .meta({ id: "Unit", examples: ["credit", "usdc:solana"] });
export type Unit = z.infer<typeof Unit>;

/** Lower-case words joined by `.` or `:`. A name holds one account for each unit that it was used with. */
export const LedgerAccountName = z
  .string()
  .max(LIMITS.ledger_account_chars_max)
  .regex(/^[a-z0-9_-]+([.:][a-z0-9_-]+)*$/, "is not the name of a ledger account")
  .brand<"LedgerAccountName">()
  .meta({ id: "LedgerAccountName", examples: ["client:available", "fees"] });
export type LedgerAccountName = z.infer<typeof LedgerAccountName>;

/**
 * Chosen by whoever makes the transfer, from what it is for, so that making it twice posts it once. Visible ASCII.
 */
export const TransferId = z
  .string()
  .min(1)
  .max(LIMITS.ledger_transfer_id_chars_max)
  .regex(/^[!-~]*$/, "has characters other than visible ASCII")
  .brand<"TransferId">()
  .meta({ id: "TransferId", examples: ["deposit:5KtP9x"] });
export type TransferId = z.infer<typeof TransferId>;

const AmountText = z
  .string()
  .regex(/^[1-9][0-9]{0,15}$/, {
    error: "is not a whole number above 0, as a decimal string",
    abort: true,
  })
  .refine((text) => BigInt(text) <= LEDGER_AMOUNT_MAX, `is more than ${LEDGER_AMOUNT_MAX}`)
  .meta({ description: "Whole smallest parts of the unit, as a decimal string", examples: ["1500000"] });

const shape = {
  id: TransferId,
  /** Whose debits grow: where the amount comes from. */
  debit: LedgerAccountName,
  /** Whose credits grow: where the amount goes. */
  credit: LedgerAccountName,
  unit: Unit,
  amount: AmountText,
  at_ms: z.int().min(0),
  memo: z.string().max(LIMITS.ledger_memo_chars_max).nullable(),
};

/** A transfer as JSON. */
export const TransferJson = z
  .discriminatedUnion("kind", [
    z.strictObject({ ...shape, kind: z.enum(["post", "pending"]), pending: z.null() }),
    z.strictObject({ ...shape, kind: z.enum(["commit", "void"]), pending: TransferId }),
  ])
  .refine(({ debit, credit }) => debit !== credit, {
    error: "is the account that is debited",
    path: ["credit"],
  })
  .meta({ id: "Transfer" });
export type TransferJson = z.infer<typeof TransferJson>;

/**
 * An amount that leaves one account and reaches another. `post` does so at once. `pending` sets it aside, until a `commit`
 * posts it, or less of it, and gives the rest back, or a `void` gives all of it back; these two name it in `pending`,
 * repeat its accounts and unit, and a `void` its amount too. `amount` is in the unit's smallest parts, 1 to 2^53 - 1.
 * The model is TigerBeetle's (two-phase transfers).
 */
export type Transfer = TransferJson extends infer Json
  ? Json extends TransferJson
    ? Omit<Json, "amount"> & { amount: bigint }
    : never
  : never;

export type TransferKind = Transfer["kind"];

export const parseTransfer = (json: TransferJson): Transfer => ({ ...json, amount: BigInt(json.amount) });
export const renderTransfer = (transfer: Transfer): TransferJson => ({
  ...transfer,
  amount: transfer.amount.toString(),
});

/** What one account's transfers come to, in one unit. Sums only of what was posted grow for ever; pending ones come and go. */
export interface LedgerAccount {
  name: LedgerAccountName;
  unit: Unit;
  debits_posted: bigint;
  credits_posted: bigint;
  debits_pending: bigint;
  credits_pending: bigint;
  /** Whether it stands for what is outside the ledger, and so may owe. */
  may_be_negative: boolean;
}

/** The sums of an account that nothing was posted to. */
export const EMPTY_SUMS = {
  debits_posted: 0n,
  credits_posted: 0n,
  debits_pending: 0n,
  credits_pending: 0n,
} as const satisfies Partial<LedgerAccount>;

/** What the account has. */
export const balanceOf = ({ credits_posted, debits_posted }: LedgerAccount): bigint =>
  credits_posted - debits_posted;

/** What the account may give: what it has, less what is set aside. */
export const availableOf = (account: LedgerAccount): bigint => balanceOf(account) - account.debits_pending;

/** What the ledger holds that a batch of transfers touches. */
export interface LedgerLookup {
  /** As it is, or empty when it has not been used. */
  account(name: LedgerAccountName, unit: Unit): LedgerAccount;
  transfer(id: TransferId): Transfer | null;
  /** The commit or void of a pending transfer. */
  settlement(pending: TransferId): Transfer | null;
}

/** What comes of a batch: nothing, because all of it was posted before, or these accounts and transfers to be written. */
export type LedgerDecision =
  | { kind: "replayed" }
  | { kind: "posted"; accounts: LedgerAccount[]; transfers: readonly Transfer[] };
