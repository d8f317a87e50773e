import { z } from "zod";
import { AccountId } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { MicroAmount } from "./money.ts";
import { SolanaAddress } from "./solana.ts";

export const AccountRequest = z
  .strictObject({
    name: z.string().min(1).max(128),
    /** What it may spend from the start, in micro-units of `credit`. */
    credit_micro: MicroAmount.default("0"),
  })
  .meta({ id: "AccountRequest" });
export type AccountRequest = z.infer<typeof AccountRequest>;

/** The API key is shown once, here; only its sha256 is kept. */
export const AccountCreated = z
  .strictObject({
    id: AccountId,
    object: z.literal("account"),
    name: z.string(),
    api_key: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "AccountCreated" });
export type AccountCreated = z.infer<typeof AccountCreated>;

/** `infk_`, the account's UUID, and 32 random bytes in unpadded base64url: the key says which account checks it. */
export const ApiKey = z
  .string()
  .regex(/^infk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/)
  .brand<"ApiKey">();
export type ApiKey = z.infer<typeof ApiKey>;

/** Funds of an account in one unit, in micro-units. */
export const AccountBalance = z.strictObject({
  unit: Unit,
  /** The escrow that they lie in; null for the operator's books. */
  escrow: SolanaAddress.nullable(),
  /** What jobs can be paid from. */
  available_micro: MicroAmount,
  /** What is set aside for jobs that are not over. */
  reserved_micro: MicroAmount,
});
export type AccountBalance = z.infer<typeof AccountBalance>;

/** What `GET /account` shows the account's holder. */
export const Account = z
  .strictObject({
    id: AccountId,
    object: z.literal("account"),
    name: z.string(),
    created_at: z.iso.datetime(),
    balances: z.array(AccountBalance),
    /** What jobs have cost so far, less refunds. */
    spent: z.array(z.strictObject({ unit: Unit, micro: MicroAmount })),
  })
  .meta({ id: "Account" });
export type Account = z.infer<typeof Account>;

/** `POST /accounts/{id}/grants`: the operator gives funds that no chain holds. */
export const GrantRequest = z
  .strictObject({
    /** Of the operator's choice: the same id again gives nothing more. */
    id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, "is not 1 to 64 letters, digits, dots, dashes or underscores"),
    amount_micro: MicroAmount.refine((amount) => amount !== "0", "must be more than 0"),
  })
  .meta({ id: "GrantRequest" });
export type GrantRequest = z.infer<typeof GrantRequest>;
