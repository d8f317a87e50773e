import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

type Migrations = Parameters<typeof migrate>[1];

/**
 * An object's own SQLite, which stays empty until `create`. Anybody can ask for an object by a made-up name; asking
 * must not make storage that is then paid for forever.
 */
export class ObjectStore {
  readonly db: BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;
  readonly #migrate: () => Promise<void>;
  readonly #deleteAll: () => Promise<void>;
  #exists: boolean;

  constructor(ctx: DurableObjectState, migrations: Migrations) {
    const database = drizzle(ctx.storage);
    this.db = database;
    this.#migrate = () => migrate(database, migrations);
    this.#deleteAll = () => ctx.storage.deleteAll();
    this.#exists = hasTables(ctx.storage.sql);
    if (this.#exists) void ctx.blockConcurrencyWhile(this.#migrate);
  }

  /** Whether anything was ever stored here. */
  get exists(): boolean {
    return this.#exists;
  }

  /** Drops everything, as if nothing had ever been stored. */
  async drop(): Promise<void> {
    this.#exists = false;
    await this.#deleteAll();
  }

  /** Makes the tables, once. */
  async create(): Promise<void> {
    if (this.#exists) return;
    await this.#migrate();
    this.#exists = true;
  }
}

const hasTables = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").toArray().length > 0;
