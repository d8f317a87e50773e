import type { SQLInputValue } from "node:sqlite";
import { nextEvent, passGate } from "../current-object.ts";
import type { DurableDatabase, Rows } from "./durable-database.ts";
import { toInput } from "./sql-cursor.ts";

export interface D1Result {
  success: true;
  results: Record<string, unknown>[];
  meta: { changes: number };
}

/** `D1Database` of the Workers platform, as far as the Worker uses it, on a file. */
export class D1Database {
  readonly #database: DurableDatabase;

  constructor(database: DurableDatabase) {
    this.#database = database;
  }

  prepare(sql: string): D1Statement {
    return new D1Statement(this, sql, []);
  }

  /** Runs statements as one transaction. */
  batch(statements: readonly D1Statement[]): Promise<D1Result[]> {
    return this.run((database) =>
      database.transact(() =>
        statements.map(({ sql, params }) => renderResult(database.execute(sql, params))),
      ),
    );
  }

  /** Answers in an event of its own, when what was written is on disk. */
  async run<T>(work: (database: DurableDatabase) => T): Promise<T> {
    await passGate();
    const value = work(this.#database);
    await this.#database.committed();
    await nextEvent();
    return value;
  }
}

export class D1Statement {
  readonly sql: string;
  readonly params: readonly SQLInputValue[];
  readonly #d1: D1Database;

  constructor(d1: D1Database, sql: string, params: readonly SQLInputValue[]) {
    this.#d1 = d1;
    this.sql = sql;
    this.params = params;
  }

  bind(...params: unknown[]): D1Statement {
    return new D1Statement(this.#d1, this.sql, params.map(toInput));
  }

  all(): Promise<D1Result> {
    return this.#d1.run((database) => renderResult(database.execute(this.sql, this.params)));
  }

  run(): Promise<D1Result> {
    return this.all();
  }

  /** The rows as arrays. */
  raw(): Promise<unknown[][]> {
    return this.#d1.run((database) => database.execute(this.sql, this.params).rows);
  }
}

const renderResult = ({ columns, rows, changes }: Rows): D1Result => ({
  success: true,
  results: rows.map((row) => Object.fromEntries(columns.map((name, column) => [name, row[column]]))),
  meta: { changes: changes ?? 0 },
});
