import type { AccountDb } from "@infernet/db/account/queries";
import type { AuthorizedAccount } from "../http/app-env.ts";

/** What the work on an account's batches stands on. */
export interface BatchContext {
  env: Env;
  db: AccountDb;
  account: AuthorizedAccount;
  /** Writes of `work` happen together or not at all. */
  transact<T>(work: () => T): T;
  now(): number;
}
