import type { Sha256 } from "@infernet/schemas/digest";
import type { AccountId } from "@infernet/schemas/ids";
import { eq } from "drizzle-orm";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
import { accounts, api_keys, disabled_webhooks } from "./schema.ts";

export type AccountDb = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;

export function insertAccount(
  db: AccountDb,
  account: { id: AccountId; name: string; key_sha256: Sha256; created_ms: number },
): void {
  const { id, name, key_sha256, created_ms } = account;
  db.insert(accounts).values({ id, name, created_ms }).run();
  db.insert(api_keys).values({ sha256: key_sha256, created_ms }).run();
}

export const readAccount = (db: AccountDb) => db.select().from(accounts).get();

export const readKeyHashes = (db: AccountDb): string[] =>
  db
    .select()
    .from(api_keys)
    .all()
    .map((key) => key.sha256);

export const readDisabledWebhooks = (db: AccountDb): string[] =>
  db
    .select()
    .from(disabled_webhooks)
    .all()
    .map((row) => row.url);

export function insertDisabledWebhook(db: AccountDb, url: string, disabled_ms: number): void {
  db.insert(disabled_webhooks).values({ url, disabled_ms }).onConflictDoNothing().run();
}

export function deleteDisabledWebhook(db: AccountDb, url: string): void {
  db.delete(disabled_webhooks).where(eq(disabled_webhooks.url, url)).run();
}
