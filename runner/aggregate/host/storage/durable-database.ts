import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { LIMITS } from "@infernet/schemas/limits";

export interface Rows {
  columns: string[];
  rows: unknown[][];
  /** How many rows were written; null where the statement answers with rows. */
  changes: number | null;
}

/** Nothing but a read begins like this; whatever else a statement is, it may write. */
const READ = /^\s*select\b/i;
/** More than one statement in a text, as migrations have it. */
const SEVERAL = /;\s*\S/;

export const isRead = (sql: string): boolean => READ.test(sql);

/**
 * SQLite on disk, with the writes of one event of the process as one transaction: it begins with the first write and is
 * committed when the code that runs has come to rest, so that a crash keeps all of it or nothing. `committed` tells when
 * it is on the disk.
 */
export class DurableDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #open: { committed: Promise<void>; settle: (error: unknown) => void } | null = null;
  #depth = 0;
  #failure: { error: unknown } | null = null;

  /** @param file is made when it is not there */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${LIMITS.aggregate_sqlite_cache_kib}`,
    );
  }

  /** Runs a statement to its end. */
  execute(sql: string, params: readonly SQLInputValue[] = []): Rows {
    if (this.#failure) throw this.#failure.error;
    if (!isRead(sql)) this.#begin();
    if (params.length === 0 && SEVERAL.test(sql)) {
      this.#database.exec(sql);
      return { columns: [], rows: [], changes: null };
    }
    const statement = this.#prepare(sql);
    const columns = statement.columns().map(({ name }) => name);
    // An array, not an object, where `setReturnArrays` is on: Node's types do not say so.
    if (columns.length > 0)
      return { columns, rows: statement.all(...params) as unknown as unknown[][], changes: null };
    return { columns, rows: [], changes: Number(statement.run(...params).changes) };
  }

  /** Runs `work` as one: when it throws, nothing that it wrote is left. Nests. */
  transact<T>(work: () => T): T {
    if (this.#failure) throw this.#failure.error;
    this.#begin();
    const name = `_part_${this.#depth}`;
    this.#depth += 1;
    this.#database.exec(`SAVEPOINT ${name}`);
    try {
      const value = work();
      this.#database.exec(`RELEASE ${name}`);
      return value;
    } catch (error) {
      // A full disk has rolled everything back already, and the savepoint with it.
      if (this.#database.isTransaction) this.#database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  /** Resolves once every write so far is on disk, rejects when that failed; null when none is open. */
  committed(): Promise<void> | null {
    if (this.#failure) return Promise.reject(this.#failure.error);
    return this.#open?.committed ?? null;
  }

  /** Commits now what is open. */
  flush(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    try {
      if (!this.#database.isTransaction) throw new Error("SQLite rolled back what was being written");
      this.#database.exec("COMMIT");
      open.settle(null);
    } catch (error) {
      this.#failure = { error };
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      open.settle(error);
    }
  }

  close(): void {
    this.flush();
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #begin(): void {
    if (this.#open !== null) {
      // A full disk makes SQLite roll back by itself; what came after would be kept without what came before.
      if (!this.#database.isTransaction) this.flush();
      if (this.#failure) throw this.#failure.error;
      if (this.#open !== null) return;
    }
    this.#database.exec("BEGIN");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever has nothing to say outward does not wait for it; the failure shows in the next statement.
    promise.catch(() => undefined);
    this.#open = { committed: promise, settle: (error) => (error === null ? resolve() : reject(error)) };
    setImmediate(() => this.flush());
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > LIMITS.aggregate_statements_max && oldest !== undefined)
      this.#statements.delete(oldest);
    return statement;
  }
}
